// How long both generations accept: longer where there is much to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { served } from '../helpers/generations.js';
import { fixture, node } from '../helpers/paths.js';
import { type Supervisor, startSupervisor } from '../helpers/supervisor.js';

/** Milliseconds from the readiness of the second generation until it takes over, by the log of the master. */
async function overlapOf(master: Supervisor): Promise<number> {
  await served(master);
  master.signal('SIGHUP');
  const isSecond = (event: string) => (line: { event?: string; generation?: number }) =>
    line.event === event && line.generation === 2;
  const ready = await master.logged(isSecond('ready'));
  const rolledOut = await master.logged(isSecond('rolledOut'));
  return Date.parse(rolledOut.time) - Date.parse(ready.time);
}

test('of a server with much to do, half a second', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('reads-all-the-time.mjs')]);
  // Times of the log are whole milliseconds.
  const overlap = await overlapOf(master);
  assert.ok(overlap >= 499, `${overlap} ms`);
});

test('of an idle server, much less', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
  const overlap = await overlapOf(master);
  assert.ok(overlap >= 74 && overlap < 499, `${overlap} ms`);
});
