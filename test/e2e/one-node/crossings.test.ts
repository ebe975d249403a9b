// Reloads, deaths and stops that cross each other: whatever comes when, the server answers and the end is the right one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { get } from '../../helpers/client.js';
import { knock } from '../../helpers/polling-client.js';
import { closeGate } from '../../helpers/processes/start-gate.js';
import { converse } from '../../helpers/raw-http-client.js';
import { startServing } from '../../helpers/serving.js';
import { isRunning, type Supervisor, scratch } from '../../helpers/supervisor.js';

/** A server of version `one` whose second generation waits until the test opens the gate. */
async function startGated(t: TestContext) {
  const cwd = scratch(t);
  const deploy = (version: string) => writeFileSync(join(cwd, 'version'), version);
  deploy('one');
  const gate = closeGate(cwd, 2);
  return { gate, deploy, ...(await startServing(t, 'answers-version.mjs', [], { cwd })) };
}

const statesOf = async (master: Supervisor) =>
  (await master.status()).workers.map((one) => `${one.generation} ${one.state}`).sort();

test('20 SIGHUPs make the roll out that runs and one that follows; the last code wins', async (t) => {
  const { master, address, deploy, gate } = await startGated(t);
  const knocking = knock(address);
  master.signal('SIGHUP');
  await gate.reached();
  deploy('two');
  for (let i = 1; i < 20; i += 1) {
    const length = master.log().length;
    master.signal('SIGHUP');
    // One by one: the kernel merges signals that wait.
    await master.logged('reload', length);
  }
  assert.deepEqual(await statesOf(master), ['1 ready', '2 starting']);
  gate.open();
  const after = await master.settled(3);

  await knocking.stop();
  assert.deepEqual(knocking.failures, []);
  assert.ok(knocking.answers.includes('1 one'));
  assert.equal(await get(address), '3 two');
  assert.deepEqual(after.reloads, { ok: 2, failed: 0 });
  assert.equal(master.log().filter((line) => line.event === 'spawned').length, 3);
});

test('an old worker that is killed during a roll out is replaced, and the roll out goes on', async (t) => {
  const { master, address, pid, gate } = await startGated(t);
  master.signal('SIGHUP');
  await gate.reached();
  process.kill(pid, 'SIGKILL');
  await master.logged((line) => line.event === 'workerCrashed' && line.workerPid === pid);
  assert.equal(await get(address), '1 one', 'the queue of the socket waited for the replacement');
  assert.deepEqual(await statesOf(master), ['1 ready', '2 starting']);

  gate.open();
  const { reloads } = await master.settled(2);
  assert.deepEqual(reloads, { ok: 1, failed: 0 });
  assert.equal(await get(address), '2 one');
});

test('a stop during a reload ends both generations, and the reload has failed', async (t) => {
  const { master, address, gate } = await startGated(t);
  const asking = master.client('reload');
  await gate.reached();
  const pids = (await master.status()).workers.map((one) => one.pid ?? 0);
  assert.equal(pids.length, 2);

  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.deepEqual(pids.filter(isRunning), []);
  const { status, stderr } = await asking;
  assert.equal(status, 1);
  assert.match(stderr, /stopping/);
  await assert.rejects(get(address), { code: 'ECONNREFUSED' });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
  test(`${signal} waits for a request, and a reload is refused; the second one does not wait`, async (t) => {
    const { master, address, pid } = await startServing(t, 'answers-on-signal.mjs');
    const client = await converse(t, address);
    client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await master.wrote('got GET /slow');

    master.signal(signal);
    await master.logged('retire');
    assert.deepEqual(await statesOf(master), ['1 draining']);
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
