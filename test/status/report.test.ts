// The state of a fleet as others see it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report } from '../../src/status/report.js';
import { play } from '../helpers/transcript.js';

const seen = {
  name: 'app',
  pid: 70,
  version: '1.2.3',
  sockets: [{ name: 'web', address: ':80', queued: null }],
  connections: new Map([
    [71, 3],
    [72, null],
  ]),
  statusTexts: new Map([[2, 'warming up']]),
  timeOfDay: (at: number) => Date.UTC(2030, 0, 1) + at,
};

test('before anything serves', () => {
  const { fleet } = play(['0 clock'], { size: 2 });
  assert.deepEqual(report(fleet, seen), {
    name: 'app',
    pid: 70,
    version: '1.2.3',
    phase: 'starting',
    generation: 0,
    workersWanted: 2,
    sockets: seen.sockets,
    workers: [1, 2].map((slot) => ({
      slot,
      generation: 1,
      pid: null,
      state: 'starting',
      startedAt: '2030-01-01T00:00:00.000Z',
      readyAt: null,
      connections: null,
      status: slot === 2 ? 'warming up' : null,
    })),
    reloads: { ok: 0, failed: 0 },
    lastReload: null,
    census: 'rolling out 1: 2 starting',
  });
});

test('in the middle of a reload after one that failed', () => {
  const first = ['0 clock', '0 spawned #1 pid=71', '1500 ready #1', '2000 reload'];
  const second = ['2010 exited #2', '61000 reload', '61000 spawned #3 pid=72'];
  const { fleet } = play([...first, ...second], { policy: { startTimeout: 5000 } });
  const { workers, lastReload, ...rest } = report(fleet, seen);
  assert.deepEqual([rest.phase, rest.generation, rest.reloads.failed], ['rolling out', 1, 1]);
  const common = { slot: 1, status: null };
  assert.deepEqual(workers, [
    {
      ...{ ...common, generation: 1, pid: 71, state: 'ready', connections: 3 },
      startedAt: '2030-01-01T00:00:00.000Z',
      readyAt: '2030-01-01T00:00:01.500Z',
    },
    {
      ...{ ...common, generation: 3, pid: 72, state: 'starting', connections: null },
      startedAt: '2030-01-01T00:01:01.000Z',
      readyAt: null,
    },
  ]);
  assert.deepEqual(lastReload, {
    ok: false,
    generation: 2,
    reason: 'worker 1 of generation 2 exited with status 1 before it was ready',
    cause: 'exited',
    durationMs: 10,
    at: '2030-01-01T00:00:02.010Z',
  });
});
