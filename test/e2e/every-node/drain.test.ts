// What a retired worker still owes to its clients over HTTP/1.1, byte by byte.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addressOf } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { type Conversation, converse, exchange } from '../../helpers/raw-http-client.js';
import { stoppedAccepting } from '../../helpers/sockets/listening.js';
import { startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

const FIELDS = 'HTTP/1.1\r\nHost: test\r\n';
const CLOSE = /\r\nConnection: close\r\n/i;
const KEEP = /\r\nConnection: keep-alive\r\n/i;

async function start(t: TestContext) {
  const master = startSupervisor(t, ['--', node, fixture('answers-on-signal.mjs')]);
  const address = addressOf(await served(master));
  const pid = await pidOf(master, 1);
  const got = (what: string, times = 1) =>
    eventually(
      `${times} of ${what}`,
      () => master.output().split(`got ${what}\n`).length - 1 >= times,
    );
  return {
    master,
    address,
    pid,
    got,
    /** Replaces the worker, and returns when the old one has stopped accepting. */
    async replace() {
      master.signal('SIGHUP');
      await pidOf(master, 2);
      await stoppedAccepting(pid);
    },
    answerNow: () => void process.kill(pid, 'SIGUSR2'),
  };
}

for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
  test(`a request under way is answered, and its connection ended, after ${signal}`, async (t) => {
    const { master, address, pid, got, answerNow } = await start(t);
    const client = await converse(t, address);
    client.say(`GET /slow ${FIELDS}\r\n`);
    await got('GET /slow');
    master.signal(signal);
    await master.logged('retire');
    await stoppedAccepting(pid);

    answerNow();
    const answer = await client.until(/\r\n\r\n\d+$/);
    assert.match(answer, /^HTTP\/1.1 200 OK/);
    assert.match(answer, CLOSE, 'or the worker would wait for another request');
    assert.ok(answer.endsWith(String(pid)));
    assert.equal(await client.ended(), 'end');
    await gone(master, pid);
  });
}

test('a kept-alive client is told to close with its next response, and not before', async (t) => {
  const { address, pid, replace } = await start(t);
  const client = await converse(t, address);
  for (let i = 0; i < 3; i += 1) assert.match(await exchange(client), KEEP);
  await replace();
  assert.equal(client.hasEnded(), false, 'an idle connection is not closed under its client');

  const last = await exchange(client);
  assert.match(last, CLOSE);
  assert.doesNotMatch(last, KEEP);
  assert.ok(last.endsWith(String(pid)));
  assert.equal(await client.ended(), 'end');
  const next = await exchange(await converse(t, address));
  assert.match(next, KEEP, 'the new generation keeps connections');
  assert.ok(!next.endsWith(String(pid)));
});

test('an app that sets `Connection: keep-alive` itself is still left politely', async (t) => {
  const { address, replace } = await start(t);
  const paths = ['/set-header', '/head-object', '/head-list'];
  const clients: [string, Conversation][] = [];
  for (const path of paths) {
    const client = await converse(t, address);
    const first = await exchange(client, path);
    assert.match(first, KEEP, path);
    clients.push([path, client]);
  }
  await replace();
  for (const [path, client] of clients) {
    const last = await exchange(client, path);
    assert.match(last, CLOSE, path);
    assert.doesNotMatch(last, KEEP, path);
    assert.equal(await client.ended(), 'end');
  }
});

test('a response that streams is finished', async (t) => {
  const { master, address, pid, replace, answerNow } = await start(t);
  const client = await converse(t, address);
  client.say(`GET /stream ${FIELDS}\r\n`);
  await client.until('first part,');
  await replace();
  answerNow();
  const answer = await client.until('\r\n0\r\n\r\n');
  assert.match(answer, new RegExp(`first part,\\r\\n${String(pid).length}\\r\\n${pid}\\r\\n`));
  client.socket.end();
  await gone(master, pid);
});

test('a slow upload arrives whole', async (t) => {
  const { address, got, replace } = await start(t);
  const client = await converse(t, address);
  const part = Buffer.alloc(100_000, 'x');
  client.say(`POST /upload ${FIELDS}Content-Length: ${10 * part.length}\r\n\r\n`);
  client.say(part);
  await got('POST /upload');
  await replace();
  for (let i = 1; i < 10; i += 1) client.say(part);
  const answer = await client.until('1000000 bytes');
  assert.match(answer, CLOSE);
  assert.equal(await client.ended(), 'end');
});

test('a client that waits for 100 Continue gets it, before and after', async (t) => {
  const { address, got, replace } = await start(t);
  const ask = `POST /upload ${FIELDS}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`;
  const early = await converse(t, address);
  const late = await converse(t, address);
  early.say(ask);
  await early.until('HTTP/1.1 100 Continue');
  await got('POST /upload');
  await exchange(late);
  await replace();

  early.say('early');
  assert.match(await early.until('5 bytes'), CLOSE);
  const before = late.heard().length;
  late.say(ask);
  await late.until('HTTP/1.1 100 Continue', before);
  late.say('later');
  assert.match(await late.until('5 bytes', before), CLOSE);
});

test('a client that connected and said nothing yet is served', async (t) => {
  const { address, pid, replace } = await start(t);
  const client = await converse(t, address);
  // Known to the worker: its own accept comes before this later one.
  await exchange(await converse(t, address));
  await replace();
  const answer = await exchange(client);
  assert.match(answer, CLOSE);
  assert.ok(answer.endsWith(String(pid)));
});

const bodies = (text: string) => text.match(/(?<=\r\n\r\n)\d+/g)?.length ?? 0;

test('pipelined requests under way are all answered', async (t) => {
  const { address, got, replace, answerNow } = await start(t);
  const client = await converse(t, address);
  client.say(`GET /slow ${FIELDS}\r\n`.repeat(3));
  await got('GET /slow', 3);
  await replace();
  answerNow();
  await eventually('three answers', () => bodies(client.heard()) === 3);
});

for (const path of ['/', '/soon'] as const) {
  test(`pipelined requests that come later are all answered, the last one with close: ${path}`, async (t) => {
    const { address, replace } = await start(t);
    const client = await converse(t, address);
    await exchange(client);
    await replace();
    const before = client.heard().length;
    client.say(`GET ${path} ${FIELDS}\r\n`.repeat(3));
    assert.equal(await client.ended(), 'end');
    const answers = client.heard().slice(before);
    assert.equal(bodies(answers), 3, answers);
    assert.deepEqual(
      answers.match(/Connection: [\w-]+/gi)?.map((field) => field.slice(12)),
      ['keep-alive', 'keep-alive', 'close'],
    );
  });
}

test('a request that comes while another of its connection is under way is answered as well', async (t) => {
  const { address, got, replace, answerNow } = await start(t);
  const client = await converse(t, address);
  await exchange(client);
  await replace();
  const before = client.heard().length;
  for (const times of [1, 2]) {
    client.say(`GET /slow ${FIELDS}\r\n`);
    await got('GET /slow', times);
  }
  answerNow();
  assert.equal(await client.ended(), 'end');
  const answers = client.heard().slice(before);
  assert.equal(bodies(answers), 2, answers);
});
