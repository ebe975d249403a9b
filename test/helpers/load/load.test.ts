// The load client itself: it must see every way in which a server can let a client down.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratch } from '../supervisor.js';
import { Connection } from './connection.js';
import { startLoad } from './load.js';
import { describe } from './report.js';
import { makeRequest } from './requests.js';

const LIMIT_MS = 2000;
const SHORT_LIMIT_MS = 30;
const EXPECTED = '/fast?1';

/** An answer to the first `fast` request of a client. */
const answer = (more = '', body = EXPECTED, length = body.length) =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\nX-Generation: 7\r\nX-Pid: 12\r\n${more}\r\n${body}`;

/** Listens on a path and lets `serve` misbehave at each request. */
async function listen(t: TestContext, serve: (socket: Socket, nth: number) => void) {
  const path = join(scratch(t), 'app.sock');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let nth = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => serve(socket, ++nth));
  }).listen(path);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return { path };
}

const says = (text: string) => (socket: Socket) => socket.write(text);
const cutsAt = (end: number) => (socket: Socket) => socket.end(answer().slice(0, end));
const closesSecond = (socket: Socket, nth: number) =>
  nth === 1 ? socket.write(answer()) : socket.end();

/** What the client says of each way in which a server lets it down. */
const flaws: readonly (readonly [what: string, (socket: Socket, nth: number) => void, RegExp])[] = [
  ['closes a new connection', (socket) => socket.end(), /^reset on a new connection: closed/],
  ['closes a reused connection', closesSecond, /^reset on a reused connection: closed/],
  ['cuts off the head', cutsAt(20), /^truncated: .* a part of the head/],
  ['cuts off the body', cutsAt(-2), /^truncated: .* 5 of 7 bytes/],
  ['is silent', () => {}, /^timeout/],
  ['does not close after the last answer', says(answer('Connection: close\r\n')), /^timeout/],
  ['sends another body', says(answer('', '/fast?2')), /^wrong answer: .*: "2" instead of "1"/],
  [
    'sends a longer body',
    says(answer('', `${EXPECTED}0`)),
    /^wrong answer: body of 8 instead of 7/,
  ],
  ['sends too many bytes', says(`${answer()}x`), /^wrong answer: bytes behind the end/],
  ['fails', says(answer().replace('200', '503')), /^wrong answer: status 503/],
  ['names no length', says('HTTP/1.1 200 OK\r\n\r\n'), /^wrong answer: not a response with/],
];

for (const [what, serve, failure] of flaws) {
  test(`the client notices a server that ${what}`, async (t) => {
    const connection = new Connection(
      await listen(t, serve),
      failure.test('timeout') ? SHORT_LIMIT_MS : LIMIT_MS,
    );
    const ask = () => connection.exchange(makeRequest('fast', 1, true));
    const asked = ask().then(ask);
    await assert.rejects(asked, ({ kind, message }) => failure.test(`${kind}: ${message}`));
  });
}

test('a connection that was closed while idle is one that was reused', async (t) => {
  let closed: Promise<unknown> = Promise.resolve();
  const endpoint = await listen(t, (socket) => {
    // Closed on this side means that the client has seen the end, and ended too.
    closed = once(socket, 'close');
    socket.write(answer());
    setImmediate(() => socket.end());
  });
  const connection = new Connection(endpoint, LIMIT_MS);
  await connection.exchange(makeRequest('fast', 1, true));
  await closed;
  await assert.rejects(connection.exchange(makeRequest('fast', 1, true)), {
    kind: 'reset on a reused connection',
    message: /^closed by the server, while it was idle/,
  });
});

test('a right answer names its generation and whether it is the last', async (t) => {
  const endpoint = await listen(t, (socket, nth) => {
    if (nth === 1) return void socket.write(answer());
    const text = answer('Connection: close\r\n');
    socket.write(text.slice(0, 30));
    setImmediate(() => socket.end(text.slice(30)));
  });
  const connection = new Connection(endpoint, LIMIT_MS);
  const ask = () => connection.exchange(makeRequest('fast', 1, true));
  assert.deepEqual(await ask(), { generation: 7, pid: 12, last: false, problem: null });
  assert.deepEqual(await ask(), { generation: 7, pid: 12, last: true, problem: null });
});

test('a load counts what fails by its kind, and repeats nothing', async (t) => {
  let served = 0;
  const endpoint = await listen(t, (socket) => {
    served += 1;
    if (served % 2 === 0) socket.end();
    else socket.end(answer('Connection: close\r\n', `/fast?${served}`));
  });
  const load = startLoad([endpoint], [{ kind: 'fast', keepAlive: false, count: 1 }]);
  const report = await load.finish({ requests: 6, generation: 7 }, LIMIT_MS);
  assert.equal(report.requests, 6);
  assert.equal(served, 6);
  assert.deepEqual(report.failures, { 'reset on a new connection': 3 });
  assert.match(
    describe(report),
    /3 × reset on a new connection\n {2}at \d+ ms, new-connection fast/,
  );
  assert.deepEqual(report.generations, { 7: 3 });
});
