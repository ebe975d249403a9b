// Both generations accept connections for a while, in which the new processes warm up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, node } from '../helpers/paths.js';
import { startSupervisor } from '../helpers/supervisor.js';
import { served } from '../helpers/wait-generation.js';

test('the old generation is retired half a second after the new one is ready', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
  await served(master);
  master.signal('SIGHUP');
  const isSecond = (event: string) => (line: { event?: string; generation?: number }) =>
    line.event === event && line.generation === 2;
  const { census } = await master.logged(isSecond('ready'));
  assert.equal(census, 'serving 1: 1 ready | rolling out 2: 1 ready');
  const { durationMs = 0 } = await master.logged(isSecond('rolledOut'));
  assert.ok(durationMs >= 500, `${durationMs} ms`);
});
