// Connections that do not end by themselves, and the one stop signal: what comes when, and what at the limits.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fixture } from '../../helpers/paths.js';
import { converse, exchange } from '../../helpers/raw-http-client.js';
import { startServing, startServingCommand } from '../../helpers/serving.js';
import { stoppedAccepting } from '../../helpers/sockets/listening.js';
import type { Supervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

const HANDSHAKE =
  'GET /chat HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const SLOW = 'GET /slow HTTP/1.1\r\nHost: test\r\n\r\n';

const timesIn = (master: Supervisor, text: string) => master.output().split(text).length - 1;

for (const [kind, env, greeting, answer] of [
  ['a plain connection', {}, 'one', 'one'],
  [
    ...(['an upgraded connection', { UPGRADE: '1' }, HANDSHAKE] as const),
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  ],
] as const) {
  test(`${kind} stays until the app ends it`, async (t) => {
    const { master, address, pid } = await startServing(t, 'echoes.mjs', [], { env });
    const client = await converse(t, address);
    client.say(greeting);
    await client.until(answer);
    master.signal('SIGHUP');
    await served(master, 2);
    await stoppedAccepting(pid);
    client.say('two');
    await client.until('two');

    client.say('bye');
    await client.until('bye');
    await gone(master, pid);
    assert.equal(await client.ended(), 'end');
    assert.ok(!master.log().some(({ event = '' }) => event.endsWith('TimedOut')));
  });

  test(`${kind} stays until the drain limit ends it`, async (t) => {
    const limits = ['--drain-timeout', '300ms', '--kill-timeout', '20s'];
    const { master, address, pid } = await startServing(t, 'echoes.mjs', limits, { env });
    const client = await converse(t, address);
    client.say(greeting);
    await client.until(answer);
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

for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
  test(`an app that closes its server at SIGTERM ends cleanly, after ${signal}`, async (t) => {
    const env = { HOW: 'close' };
    const { master, address, pid } = await startServing(t, 'handles-sigterm.mjs', [], { env });
    const client = await converse(t, address);
    await exchange(client);
    client.say(SLOW);
    await master.wrote('got /slow');
    master.signal(signal);
    await stoppedAccepting(pid);
    assert.doesNotMatch(master.output(), /SIGTERM/, 'not while a request is under way');
    process.kill(pid, 'SIGUSR2');
    await client.until(`\r\n\r\n${pid}`, client.heard().length - 1);

    await master.wrote(`${pid} closed well`);
    const { msg } = await master.logged(
      (line) => line.event === 'exited' && line.workerPid === pid,
    );
    assert.match(msg, /exited with status 0/);
  });
}

test('an idle app that takes a second SIGTERM for impatience sees one, also at a stop', async (t) => {
  const env = { HOW: 'twice' };
  const { master, pid } = await startServing(t, 'handles-sigterm.mjs', [], { env });
  master.signal('SIGHUP');
  await master.wrote(`${pid} SIGTERM 1`);
  await served(master, 2);
  const second = await pidOf(master, 2);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  for (const worker of [pid, second]) assert.equal(timesIn(master, `${worker} SIGTERM`), 1);
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
  const { master, address, pid } = await startServingCommand(t, [...args, ...command]);
  const client = await converse(t, address);
  client.say(SLOW);
  await master.wrote('got /slow');
  master.signal('SIGHUP');
  // It answers when the signal comes; the drain limit of 30 s is for what it has left to do then.
  assert.match(await client.until(/\r\n\r\n\d+$/), new RegExp(`\r\n\r\n${pid}$`));
  await gone(master, pid);
  assert.equal(timesIn(master, 'SIGTERM'), 1);
});
