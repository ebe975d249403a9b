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
  const story = [
    '0 clock',
    '0 spawned #1 pid=71',
    '1500 ready #1',
    '2000 reload',
    '2010 exited #2',
  ];
  const { fleet } = play([...story, '61000 reload', '61000 spawned #3 pid=72'], {
    policy: { startTimeout: 5000 },
  });
  const { phase, generation, workers, reloads, lastReload, census } = report(fleet, seen);
  assert.deepEqual([phase, generation, reloads], ['rolling out', 1, { ok: 0, failed: 1 }]);
  assert.equal(census, 'serving 1: 1 ready | rolling out 3: 1 starting');
  assert.deepEqual(
    workers.map(({ pid, state, startedAt, readyAt, connections }) => [
      pid,
      state,
      startedAt.slice(14),
      readyAt?.slice(14),
      connections,
    ]),
    [
      [71, 'ready', '00:00.000Z', '00:01.500Z', 3],
      [72, 'starting', '01:01.000Z', undefined, null],
    ],
  );
  assert.deepEqual(lastReload, {
    ok: false,
    generation: 2,
    reason: 'worker 1 of generation 2 exited with status 1 before it was ready',
    cause: 'exited',
    durationMs: 10,
    at: '2030-01-01T00:00:02.010Z',
  });
});
