// The exits that the pool reports, whether or not there is a process.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { WorkersOptions } from '../../src/workers/worker-options.js';
import { createWorkers } from '../../src/workers/worker-pool.js';
import type { WorkerExit } from '../../src/workers/worker-process.js';
import { eventually } from '../helpers/eventually.js';
import { spawnRequest, workersOptions } from '../helpers/processes/worker-start.js';
import { scratch } from '../helpers/supervisor.js';

type Exit = readonly [worker: number, ending: WorkerExit['ending']];

const killed = { type: 'signal', signal: 'SIGKILL' } as const;

function pool(t: TestContext, options: Partial<WorkersOptions> = {}) {
  const exits: Exit[] = [];
  const workers = createWorkers(workersOptions({ cwd: scratch(t), ...options }), {
    onSpawn() {},
    onMessage() {},
    onAppMessage() {},
    onExit: (worker, { ending }) => void exits.push([worker, ending]),
  });
  const spawn = (worker: number) =>
    workers.spawn(spawnRequest({ worker, program: workers.find() }));
  const reported = (count: number) =>
    eventually(
      `${count} exits are reported`,
      () => exits,
      ({ length }) => length === count,
    );
  return { workers, spawn, reported };
}

test('a killed worker is reported once, and again when it is killed again', async (t) => {
  const { workers, spawn, reported } = pool(t);
  assert.ok(spawn(1));
  workers.kill(1);
  workers.kill(1);
  await workers.killed();
  assert.deepEqual(await reported(1), [[1, killed]]);
  workers.kill(1);
  assert.deepEqual(await reported(2), [
    [1, killed],
    [1, killed],
  ]);
});

test('a worker that is stopped gets the stop signal too', async (t) => {
  const { workers, spawn, reported } = pool(t);
  const started = spawn(1);
  spawnSync('kill', ['-STOP', String(started?.pid)]);
  workers.signal(1);
  assert.deepEqual(await reported(1), [[1, { type: 'signal', signal: 'SIGTERM' }]]);
});

test('a worker that cannot be started is reported once, with the reason, also when it is killed', async (t) => {
  const cwd = scratch(t);
  const { workers, spawn, reported } = pool(t, { cwd, envFiles: ['missing.env'] });
  assert.equal(spawn(1), null);
  workers.kill(1);
  const problem = `env file ${join(cwd, 'missing.env')}: ENOENT: no such file or directory`;
  assert.deepEqual(await reported(1), [[1, { type: 'notStarted', status: 1, problem }]]);
});
