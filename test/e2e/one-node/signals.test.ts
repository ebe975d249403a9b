// What the signals to the master do, but for those that reload: nearly every end-to-end test sends those.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from '../../helpers/client.js';
import { converse } from '../../helpers/raw-http-client.js';
import { startServing } from '../../helpers/serving.js';
import { isRunning } from '../../helpers/supervisor.js';
import { gone } from '../../helpers/wait-generation.js';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
  test(`${signal} waits for a request, and a reload is refused; the second one does not wait`, async (t) => {
    const { master, address, pid } = await startServing(t, 'answers-on-signal.mjs');
    const client = await converse(t, address);
    client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await master.wrote('got GET /slow');

    master.signal(signal);
    await master.logged('retire');
    assert.equal((await master.status()).workers[0]?.state, 'draining');
    for (const args of [[], ['--no-wait']]) {
      const { status, stderr } = await master.client('reload', ...args);
      assert.equal(status, 1);
      assert.match(stderr, /^graceful-run: reload refused: graceful-run is stopping\n$/);
    }
    master.signal(signal);
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    assert.equal(isRunning(pid), false);
    assert.match(await client.ended(), /end|ECONNRESET/);
  });
}

test('signals that mean nothing to the master change nothing', async (t) => {
  const { master, status, address, pid } = await startServing(t, 'answers-pid.mjs');
  const lines = master.log().length;
  for (const signal of ['SIGUSR1', 'SIGWINCH', 'SIGPIPE'] as const) master.signal(signal);
  assert.deepEqual((await master.status()).workers, status.workers);
  assert.equal(master.log().length, lines);
  assert.doesNotMatch(master.output(), /debugger/i);
  assert.equal(await get(address), `${pid} 1`);
});

test('SIGTTIN adds a worker, SIGTTOU takes the newest away, and the last one stays', async (t) => {
  const { master, pid } = await startServing(t, 'answers-pid.mjs');
  master.signal('SIGTTIN');
  const second = await master.logged((line) => line.event === 'ready' && line.worker === 2);
  const { workersWanted, sockets } = await master.status();
  assert.equal(workersWanted, 2);
  assert.equal(sockets.length, 1, 'both share the socket that the first one opened');

  master.signal('SIGTTOU');
  await gone(master, second.workerPid ?? 0);
  master.signal('SIGTTOU');
  const { workers, ...after } = await master.settled();
  assert.deepEqual([after.workersWanted, workers[0]?.pid], [1, pid]);
});
