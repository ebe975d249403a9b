// kill -9 of the master under load: nobody is refused, and whoever connected while nobody lived is answered by
// the next master. Requests that a worker had in hand die with it; they are told apart and counted.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import type { ClientKind } from '../helpers/load/load.js';
import { describe, type Failure, FIRST_FAILURES } from '../helpers/load/report.js';
import { isRunning } from '../helpers/supervisor.js';
import type { App } from './app.js';
import { startMachineLoad } from './load.js';
import type { MachineReport } from './load-client.js';
import { bootMachine, withoutStore } from './machine.js';
import { queued } from './processes.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();
const skip = withoutStore(machine);

/** Few: each may lose what it has in hand, and each loss is looked at. */
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
  const master = await app.master();
  const killed = now();
  process.kill(master, 'SIGKILL');
  await eventually('nobody lives', () => !before.some(isRunning));
  const gone = now();
  const kind: ClientKind = { kind: 'fast', keepAlive: false, count: NEWCOMERS, pauseMs: 50 };
  const newcomers = await startMachineLoad(t, machine, endpoint, [kind]);
  await eventually('they wait', () => queued(machine, app.port) >= NEWCOMERS);
  const deserted = now();
  assert.deepEqual(app.processes(), [], 'nobody lived meanwhile');

  await app.serves();
  await load.more(300);
  const [steady, others] = [await load.stop(), await newcomers.stop()];
  t.diagnostic(describe(steady));
  t.diagnostic(describe(others));
  assert.equal(others.failed, 0, describe(others));
  assert.ok(
    others.clients.every(({ generation }) => generation === 1),
    'each was answered',
  );

  const { inHand, dying, idle, later } = lossesOf(steady, { killed, gone, deserted });
  const dyingMs = Math.round(gone - killed);
  t.diagnostic(
    `${inHand} lost in hand, ${dying} begun in the ${dyingMs} ms of dying, ${idle} idle`,
  );
  assert.equal(later, 0, describe(steady));
  assert.equal(steady.failures.refused, 0, describe(steady));
  assert.ok(inHand > 0, 'the slow requests were in hand: the client sees what it is to see');
  assert.equal((await machine.show(app.unit, 'NRestarts')).NRestarts, '1');
}

interface Moments {
  readonly killed: number;
  readonly gone: number;
  /** Until then certainly nobody lived. */
  readonly deserted: number;
}

/**
 * Requests that were lost, by when they were sent; the times are in milliseconds since the epoch. A client may
 * learn only by its next request that its idle connection has gone with the worker: whether it hears of the end
 * first, or sends first, is a race in the client.
 */
function lossesOf(report: MachineReport, { killed, gone, deserted }: Moments) {
  assert.ok(report.failed <= FIRST_FAILURES, `more than can be told apart: ${describe(report)}`);
  const sentAt = ({ at, tookMs }: Failure) => report.began + at - tookMs;
  const wasIdle = (one: Failure) => {
    const reused = one.kind === 'reset on a reused connection';
    const onDead = reused && sentAt(one) > gone && sentAt(one) < deserted;
    return onDead || one.detail.includes('while it was idle');
  };
  const idle = report.first.filter(wasIdle).length;
  const sent = report.first.filter((one) => !wasIdle(one)).map(sentAt);
  const inHand = sent.filter((at) => at < killed).length;
  const later = sent.filter((at) => at > gone).length;
  return { inHand, later, idle, dying: sent.length - inHand - later };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
