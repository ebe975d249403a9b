// How long both generations accept: longer where there is much to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, node } from '../helpers/paths.js';
import { type LogLine, type Supervisor, startSupervisor } from '../helpers/supervisor.js';
import { served } from '../helpers/wait-generation.js';

/** How the second generation was rolled out, by the log of the master. */
async function rolloutOf(master: Supervisor) {
  await served(master);
  master.signal('SIGHUP');
  const isSecond = (event: string) => (line: LogLine) =>
    line.event === event && line.generation === 2;
  const { busy } = await master.logged(isSecond('ready'));
  const { durationMs = 0 } = await master.logged(isSecond('rolledOut'));
  return { busy, durationMs };
}

test('of a server with much to do, half a second', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('reads-all-the-time.mjs')]);
  const { busy, durationMs } = await rolloutOf(master);
  assert.equal(busy, true);
  assert.ok(durationMs >= 500, `${durationMs} ms`);
});

test('of an idle server, much less', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
  const { busy, durationMs } = await rolloutOf(master);
  assert.equal(busy, undefined);
  assert.ok(durationMs >= 75, `${durationMs} ms`);
});
