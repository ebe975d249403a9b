// kill -9 of the master under load: nobody is refused, and whoever connected while nobody lived is answered by
// the next master. Only what a worker had in hand dies with it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import type { ClientKind } from '../helpers/load/load.js';
import { describe } from '../helpers/load/report.js';
import { isRunning } from '../helpers/supervisor.js';
import type { App } from './app.js';
import { nothingLost, startMachineLoad } from './load.js';
import { bootMachine, withoutStore } from './machine.js';
import { queued } from './processes.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();
const skip = withoutStore(machine);

/** Few: each loses what it has in hand. */
const STEADY: ClientKind[] = [
  { kind: 'fast', keepAlive: true, count: 2, pauseMs: 4 },
  { kind: 'fast', keepAlive: false, count: 2, pauseMs: 4 },
  { kind: 'slow', keepAlive: true, count: 1 },
  { kind: 'slow', keepAlive: false, count: 1 },
];
const NEWCOMERS = 30;

test('with a socket unit', async (t) => {
  const port = 8301;
  const sockets = { '': [`ListenStream=${port}`] };
  // Long enough to see that nobody lives.
  const service = ['Restart=always', 'RestartSec=2'];
  const app = await installApp(t, machine, 'killed', { port, sockets, service });
  await machine.ok('systemctl', 'start', 'killed.socket', app.unit);
  await survivesKill(t, app);
});

test('through the descriptor store', { skip }, async (t) => {
  const service = ['Restart=always', 'RestartSec=2', 'FileDescriptorStoreMax=16'];
  const app = await installApp(t, machine, 'stored', { port: 8302, service });
  await machine.ok('systemctl', 'start', app.unit);
  await survivesKill(t, app);
});

async function survivesKill(t: TestContext, app: App): Promise<void> {
  await app.serves();
  const endpoint = [{ host: '::1', port: app.port }];
  const load = await startMachineLoad(t, machine, endpoint, STEADY);
  await load.reached(300);

  const before = app.processes();
  process.kill(await app.master(), 'SIGKILL');
  await eventually('nobody lives', () => !before.some(isRunning));
  const kind: ClientKind = { kind: 'fast', keepAlive: false, count: NEWCOMERS, pauseMs: 50 };
  const newcomers = await startMachineLoad(t, machine, endpoint, [kind]);
  await eventually('they wait', () => queued(machine, app.port) >= NEWCOMERS);
  assert.deepEqual(app.processes(), [], 'nobody lived meanwhile');

  await app.serves();
  // By then each client has learned that its connection of before has gone with its worker.
  const restored = await load.more(300);
  await load.more(300);
  const steady = await load.stop();
  t.diagnostic(describe(steady));
  assert.ok(
    restored.failed > 0,
    'the slow requests were in hand: the client sees what it is to see',
  );
  assert.equal(steady.failed, restored.failed, describe(steady));
  assert.equal(steady.failures.refused, undefined, describe(steady));
  const others = await nothingLost(t, newcomers);
  assert.ok(
    others.clients.every(({ generation }) => generation === 1),
    'each was answered',
  );
  assert.equal((await machine.show(app.unit, 'NRestarts')).NRestarts, '1');
}
