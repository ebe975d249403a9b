// Reloads and stops that cross each other: whatever comes when, the server answers and the end is the right one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { knock } from '../../helpers/polling-client.js';
import { converse } from '../../helpers/raw-http-client.js';
import { isRunning, type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';

/** A server whose generations start only when the test says so; the version is `one`. */
function startGated(t: TestContext, ...args: string[]) {
  const cwd = scratch(t);
  const deploy = (version: string) => writeFileSync(join(cwd, 'version'), version);
  const go = (generation: number) => writeFileSync(join(cwd, `go-${generation}`), '');
  deploy('one');
  const master = startSupervisor(t, [...args, '--', node, fixture('waits-for-go.mjs')], { cwd });
  const hasRead = (generation: number) =>
    eventually(`generation ${generation} has started`, () =>
      master.output().includes(`generation ${generation} has read`),
    );
  return { master, deploy, go, hasRead };
}

const spawnedBy = (master: Supervisor) =>
  master.log().filter((line) => line.event === 'spawned').length;

test('20 SIGHUPs make the roll out that runs and one that follows; the last code wins', async (t) => {
  const { master, deploy, go, hasRead } = startGated(t);
  go(1);
  const address = addressOf(await master.settled(1));
  const knocking = knock(address);

  master.signal('SIGHUP');
  await hasRead(2);
  deploy('two');
  for (let i = 1; i < 20; i += 1) {
    const length = master.log().length;
    master.signal('SIGHUP');
    // One by one: the kernel merges signals that wait.
    await master.logged('reload', length);
  }
  const meanwhile = await master.status();
  assert.deepEqual(
    meanwhile.workers.map((one) => [one.generation, one.state]),
    [
      [1, 'ready'],
      [2, 'starting'],
    ],
  );
  go(2);
  go(3);
  const after = await master.settled(3);

  await knocking.stop();
  assert.deepEqual(knocking.failures, []);
  assert.ok(knocking.answers.includes('1 one'));
  assert.equal(await get(address), '3 two');
  assert.deepEqual(after.reloads, { ok: 2, failed: 0 });
  assert.equal(spawnedBy(master), 3);
});

test('a reload during the first start follows it', async (t) => {
  const { master, deploy, go, hasRead } = startGated(t);
  await hasRead(1);
  deploy('two');
  master.signal('SIGHUP');
  await master.logged('reload');
  assert.equal(spawnedBy(master), 1, 'not before the first generation serves');
  go(1);
  go(2);
  assert.equal(await get(addressOf(await master.settled(2))), '2 two');
});

test('a stop during a reload ends both generations, and the reload has failed', async (t) => {
  const { master, go, hasRead } = startGated(t);
  go(1);
  const address = addressOf(await master.settled(1));
  const asking = master.client('reload');
  await hasRead(2);
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

test('a stop during the first start is a stop, and no failure', async (t) => {
  const { master, hasRead } = startGated(t);
  await hasRead(1);
  const [worker] = (await master.status()).workers;
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.equal(isRunning(worker?.pid ?? 0), false);
});

test('a reload that comes while stopping is refused', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-on-signal.mjs')]);
  const before = await master.settled(1);
  const client = await converse(t, addressOf(before));
  client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
  await eventually('the request is there', () => master.output().includes('got GET /slow'));
  master.signal('SIGTERM');
  await master.logged('retire');

  for (const args of [[], ['--no-wait']]) {
    const { status, stderr } = await master.client('reload', ...args);
    assert.equal(status, 1);
    assert.match(stderr, /^graceful-run: reload refused: graceful-run is stopping\n$/);
  }
  process.kill(before.workers[0]?.pid ?? 0, 'SIGUSR2');
  await client.until('200 OK');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
  test(`${signal} waits for a request; the second one does not`, async (t) => {
    const master = startSupervisor(t, ['--', node, fixture('answers-on-signal.mjs')]);
    const before = await master.settled(1);
    const client = await converse(t, addressOf(before));
    client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await eventually('the request is there', () => master.output().includes('got GET /slow'));

    master.signal(signal);
    await master.logged('retire');
    const [worker] = (await master.status()).workers;
    assert.equal(worker?.state, 'draining');
    master.signal(signal);
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    assert.equal(isRunning(worker?.pid ?? 0), false);
    assert.match(await client.ended(), /end|ECONNRESET/);
  });
}

test('signals that mean nothing to the master change nothing', async (t) => {
  const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')]);
  const before = await master.settled(1);
  const lines = master.log().length;
  for (const signal of ['SIGUSR1', 'SIGWINCH', 'SIGPIPE'] as const) master.signal(signal);
  const after = await master.status();
  assert.deepEqual(after.workers, before.workers);
  assert.equal(master.log().length, lines);
  assert.doesNotMatch(master.output(), /debugger/i);
  assert.equal(await get(addressOf(after)), `${before.workers[0]?.pid} 1`);
});
