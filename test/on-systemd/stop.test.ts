// `systemctl stop` waits for the requests under way, also for longer than the unit allows by itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { ask } from './ask.js';
import { bootMachine } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

test('a stop with a request of 20 s under way and TimeoutStopSec=5 completes it', async (t) => {
  const app = await installApp(t, machine, 'late', {
    port: 8501,
    app: 'answers-late.mjs',
    options: '--drain-timeout 40s --workers 2',
    service: ['TimeoutStopSec=5'],
  });
  await machine.ok('systemctl', 'start', app.unit);
  const answer = ask(machine, `127.0.0.1:${app.port}`, '/20000');
  await eventually('the request is there', async () =>
    (await machine.journal(app.unit)).some(({ message }) => message === 'got /20000'),
  );
  const began = performance.now();
  const stop = machine.systemctl('stop', app.unit);
  await eventually('it stops', async () => (await app.state()) === 'deactivating');
  assert.equal(await answer, 'answered /20000');
  const { status, stderr } = await stop;
  const tookMs = Math.round(performance.now() - began);
  t.diagnostic(`systemctl stop took ${tookMs} ms`);
  assert.equal(status, 0, stderr);
  assert.ok(tookMs > 10_000, `it was over after ${tookMs} ms`);

  const { Result, ActiveState, ExecMainStatus } = await machine.show(
    ...([app.unit, 'Result', 'ActiveState', 'ExecMainStatus'] as const),
  );
  assert.deepEqual([Result, ActiveState, ExecMainStatus], ['success', 'inactive', '0']);
  assert.deepEqual(app.processes(), []);
  const said = (await machine.journal(app.unit)).filter(({ priority }) => priority <= 4);
  assert.deepEqual(said, [], 'nobody had to be killed');
});
