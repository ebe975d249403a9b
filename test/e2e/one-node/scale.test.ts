// One worker more, one fewer, by command and by signal, while the server answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knock } from '../../helpers/polling-client.js';
import { startServing } from '../../helpers/serving.js';
import { gone } from '../../helpers/wait-generation.js';

test('scale changes the number of workers; the newest leave first, and nobody is refused', async (t) => {
  const { master, address, pid } = await startServing(t, 'answers-pid.mjs');
  const knocking = knock(address);
  assert.equal((await master.client('scale', '3')).status, 0);
  const up = await master.status();
  assert.deepEqual(
    up.workers.map((one) => `${one.slot} ${one.generation} ${one.state}`),
    ['1 1 ready', '2 1 ready', '3 1 ready'],
  );
  assert.equal(up.sockets.length, 1, 'all share the socket that the first one opened');

  assert.equal((await master.client('scale', '1')).status, 0);
  const down = await master.settled();
  assert.deepEqual([down.workersWanted, down.workers[0]?.pid], [1, pid]);
  await knocking.stop();
  assert.deepEqual(knocking.failures, []);
});

test('SIGTTIN adds a worker, SIGTTOU takes one away, and the last one stays', async (t) => {
  const { master, pid } = await startServing(t, 'answers-pid.mjs');
  master.signal('SIGTTIN');
  const second = await master.logged((line) => line.event === 'ready' && line.worker === 2);
  assert.equal((await master.status()).workersWanted, 2);

  master.signal('SIGTTOU');
  await gone(master, second.workerPid ?? 0);
  master.signal('SIGTTOU');
  const { workers, workersWanted } = await master.settled();
  assert.deepEqual([workersWanted, workers[0]?.pid], [1, pid]);
});
