// Connections that do not end by themselves, and the one stop signal: what comes when, and what at the limits.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { addressOf } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { converse, exchange } from '../../helpers/raw-http-client.js';
import { stoppedAccepting } from '../../helpers/sockets/listening.js';
import { startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function start(t: TestContext, app: string, args: string[] = [], env = {}) {
  const master = startSupervisor(t, [...args, '--', node, fixture(app)], { env });
  const address = addressOf(await served(master));
  const pid = await pidOf(master, 1);
  const says = (text: string) => eventually(text, () => master.output().includes(text));
  const count = (text: string) => master.output().split(text).length - 1;
  return { master, address, pid, says, count };
}

for (const [kind, env] of [
  ['a plain connection', {}],
  ['an upgraded connection', { UPGRADE: '1' }],
] as const) {
  test(`${kind} stays until the app ends it`, async (t) => {
    const { master, address, pid } = await start(t, 'echoes.mjs', [], env);
    const client = await converse(t, address);
    if ('UPGRADE' in env) {
      client.say(HANDSHAKE);
      await client.until('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n');
    }
    client.say('one');
    await client.until('one');
    master.signal('SIGHUP');
    await served(master, 2);
    await stoppedAccepting(pid);
    client.say('two');
    await client.until('two');

    client.say('bye');
    await client.until('bye');
    await gone(master, pid);
    assert.equal(await client.ended(), 'end');
    assert.equal(
      master.log().some((line) => line.event === 'drainTimedOut' || line.event === 'killTimedOut'),
      false,
    );
  });

  test(`${kind} stays until the drain limit ends it`, async (t) => {
    const limits = ['--drain-timeout', '300ms', '--kill-timeout', '20s'];
    const { master, address, pid } = await start(t, 'echoes.mjs', limits, env);
    const client = await converse(t, address);
    client.say('UPGRADE' in env ? HANDSHAKE : 'one');
    await client.until('UPGRADE' in env ? '101 Switching' : 'one');
    const begin = performance.now();
    master.signal('SIGHUP');
    const { msg } = await master.logged('drainTimedOut');
    assert.match(msg, new RegExp(`pid ${pid}\\) still had work after 300ms; sending the stop`));
    assert.ok(performance.now() - begin >= 300);
    await client.ended();
    const { msg: end } = await master.logged((line) => line.event === 'exited');
    assert.match(end, /was killed by SIGTERM/, 'the stop signal, and not more');
  });
}

test('after the limits: one stop signal, then SIGKILL', async (t) => {
  const limits = ['--drain-timeout', '200ms', '--kill-timeout', '300ms'];
  const env = { HOW: 'never' };
  const { master, address, pid, says, count } = await start(t, 'handles-sigterm.mjs', limits, env);
  const client = await converse(t, address);
  client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
  await says('got /slow');
  master.signal('SIGHUP');
  await master.logged((line) => line.event === 'drainTimedOut');
  await says(`${pid} SIGTERM 1`);
  await master.logged((line) => line.event === 'killTimedOut');
  const { msg } = await master.logged((line) => line.event === 'exited' && line.workerPid === pid);
  assert.match(msg, /was killed by SIGKILL/);
  assert.equal(count(`${pid} SIGTERM`), 1);
});

test('an idle worker that stays after the stop signal has the time of both limits', async (t) => {
  const limits = ['--drain-timeout', '200ms', '--kill-timeout', '300ms'];
  const env = { HOW: 'never' };
  const { master, pid, says, count } = await start(t, 'handles-sigterm.mjs', limits, env);
  const begin = performance.now();
  master.signal('SIGTERM');
  await says(`${pid} SIGTERM 1`);
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.ok(performance.now() - begin >= 500);
  assert.equal(count(`${pid} SIGTERM`), 1);
});

for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
  test(`an app that closes its server at SIGTERM ends cleanly, after ${signal}`, async (t) => {
    const env = { HOW: 'close' };
    const { master, address, pid, says } = await start(t, 'handles-sigterm.mjs', [], env);
    const client = await converse(t, address);
    await exchange(client);
    client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await says('got /slow');
    master.signal(signal);
    await stoppedAccepting(pid);
    assert.doesNotMatch(master.output(), /SIGTERM/, 'not while a request is under way');
    process.kill(pid, 'SIGUSR2');
    await client.until(`\r\n\r\n${pid}`, client.heard().length - 1);

    await says(`${pid} closed well`);
    const { msg } = await master.logged(
      (line) => line.event === 'exited' && line.workerPid === pid,
    );
    assert.match(msg, /exited with status 0/);
  });
}

test('an app without anything left to do still gets its stop signal', async (t) => {
  const { master, pid, says } = await start(t, 'handles-sigterm.mjs', [], { HOW: 'close' });
  master.signal('SIGHUP');
  await says(`${pid} SIGTERM 1`);
  await says(`${pid} closed well`);
  await gone(master, pid);
});

test('an app that takes a second SIGTERM for impatience sees one, also at a stop', async (t) => {
  const { master, pid, says, count } = await start(t, 'handles-sigterm.mjs', [], { HOW: 'twice' });
  master.signal('SIGHUP');
  await says(`${pid} SIGTERM 1`);
  await served(master, 2);
  const second = await pidOf(master, 2);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  for (const worker of [pid, second]) assert.equal(count(`${worker} SIGTERM`), 1);
  const ends = master.log().filter((line) => line.event === 'exited');
  assert.deepEqual(
    ends.map((line) => /exited with status 0/.test(line.msg)),
    [true, true],
  );
});

test('a program without the preload gets the stop signal at once', async (t) => {
  if (!existsSync('/usr/bin/python3')) return t.skip('no python3');
  const args = ['--listen', '127.0.0.1:0', '--ready', 'fd'];
  const command = ['--', '/usr/bin/python3', fixture('serves-inherited.py')];
  const master = startSupervisor(t, [...args, ...command]);
  const address = addressOf(await served(master));
  const pid = await pidOf(master, 1);
  const client = await converse(t, address);
  client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
  await eventually('it is busy', () => master.output().includes('got /slow'));
  master.signal('SIGHUP');
  // It answers when the signal comes; the drain limit of 30 s is for what it has left to do then.
  assert.match(await client.until(/\r\n\r\n\d+$/), new RegExp(`\r\n\r\n${pid}$`));
  await gone(master, pid);
  assert.equal(master.output().split('SIGTERM').length - 1, 1);
});
