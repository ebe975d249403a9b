// One worker more, one fewer: by command and by signal, also while a generation is being rolled out.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { knock } from '../../helpers/polling-client.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

test('scale up and down, while the server answers', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
  const address = addressOf(await served(master));
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
  assert.equal(down.workersWanted, 1);
  assert.equal(down.workers[0]?.pid, up.workers[0]?.pid, 'the newest leave first');
  await knocking.stop();
  assert.deepEqual(knocking.failures, []);
});

test('SIGTTIN adds a worker, SIGTTOU takes one away, and the last one stays', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
  const address = addressOf(await served(master));
  master.signal('SIGTTIN');
  const second = await master.logged((line) => line.event === 'ready' && line.worker === 2);
  assert.equal((await master.status()).workersWanted, 2);

  master.signal('SIGTTOU');
  await gone(master, second.workerPid ?? 0);
  master.signal('SIGTTOU');
  const { workers, workersWanted } = await master.settled();
  assert.equal(workersWanted, 1);
  assert.equal(await get(address), `${workers[0]?.pid} 1`);
});

test('scaling during a roll out is for both generations', async (t) => {
  const cwd = scratch(t);
  const write = (name: string, text = '') => writeFileSync(join(cwd, name), text);
  write('version', 'one');
  write('go-1');
  const args = ['--workers', '2', '--', node, fixture('waits-for-go.mjs')];
  const master = startSupervisor(t, args, { cwd });
  const address = addressOf(await served(master));
  const knocking = knock(address);
  master.signal('SIGHUP');
  await pidOf(master, 2);

  master.signal('SIGTTIN');
  await master.logged((line) => line.event === 'ready' && line.worker === 3);
  const counts = (await master.status()).workers.map((one) => `${one.generation} ${one.state}`);
  assert.deepEqual(counts.sort(), [
    ...['1 ready', '1 ready', '1 ready'],
    ...['2 starting', '2 starting', '2 starting'],
  ]);
  for (const size of [2, 1]) {
    master.signal('SIGTTOU');
    await master.logged((line) => line.event === 'scaleBy' && line.msg.endsWith(`to ${size}`));
  }
  write('go-2');
  const { workers, generation } = await master.settled(2);

  await knocking.stop();
  assert.deepEqual(knocking.failures, []);
  assert.equal(generation, 2);
  assert.equal(workers.length, 1);
  assert.equal(await get(address), '2 one');
});
