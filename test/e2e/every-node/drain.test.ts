// What a retired worker still owes to its clients over HTTP/1.1. That `Connection: close` is set in every way in which an app
// makes a response, and in pipelines, is the matter of test/preload/connection-close.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { converse, exchange } from '../../helpers/raw-http-client.js';
import { startServing } from '../../helpers/serving.js';
import { stoppedAccepting } from '../../helpers/sockets/listening.js';
import { gone, pidOf } from '../../helpers/wait-generation.js';

const FIELDS = 'HTTP/1.1\r\nHost: test\r\n';
const CLOSE = /\r\nConnection: close\r\n/i;
const KEEP = /\r\nConnection: keep-alive\r\n/i;

async function start(t: TestContext) {
  const { master, address, pid } = await startServing(t, 'answers-on-signal.mjs');
  return {
    ...{ master, address, pid },
    got: (what: string, times = 1) => master.wrote(`got ${what}\n`, times),
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

test('a client that waits for 100 Continue gets it before and after, and its slow upload arrives whole', async (t) => {
  const { address, got, replace } = await start(t);
  const part = Buffer.alloc(100_000, 'x');
  const ask = `POST /upload ${FIELDS}Expect: 100-continue\r\nContent-Length: ${10 * part.length}\r\n\r\n`;
  const early = await converse(t, address);
  const late = await converse(t, address);
  early.say(ask);
  await early.until('HTTP/1.1 100 Continue');
  early.say(part);
  await got('POST /upload');
  await exchange(late);
  await replace();

  const before = late.heard().length;
  late.say(ask);
  await late.until('HTTP/1.1 100 Continue', before);
  late.say(part);
  for (const client of [early, late]) {
    for (let i = 1; i < 10; i += 1) client.say(part);
    const from = client === late ? before : 0;
    assert.match(await client.until('1000000 bytes', from), CLOSE);
    assert.equal(await client.ended(), 'end');
  }
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

test('pipelined requests under way and one that comes later are all answered', async (t) => {
  const { address, got, replace, answerNow } = await start(t);
  const client = await converse(t, address);
  client.say(`GET /slow ${FIELDS}\r\n`.repeat(3));
  await got('GET /slow', 3);
  await replace();
  client.say(`GET /slow ${FIELDS}\r\n`);
  await got('GET /slow', 4);
  answerNow();
  assert.equal(await client.ended(), 'end');
  assert.equal(client.heard().match(/(?<=\r\n\r\n)\d+/g)?.length, 4);
});
