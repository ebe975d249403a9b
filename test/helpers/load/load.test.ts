// The load client itself: it must see every way in which a server can let a client down.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratch } from '../supervisor.js';
import { Connection, type LoadFailure } from './connection.js';
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

/** Makes up to `requests` requests on one connection; returns the failure of the last. */
async function failureOf(
  t: TestContext,
  serve: (socket: Socket, nth: number) => void,
  { requests = 1, limitMs = LIMIT_MS, between = (): Promise<unknown> => Promise.resolve() } = {},
): Promise<string> {
  const connection = new Connection(await listen(t, serve), limitMs);
  const ask = () => connection.exchange(makeRequest('fast', 1, true));
  for (let nth = 1; nth < requests; nth += 1) await ask();
  await between();
  const failure: LoadFailure = await ask().then(
    () => assert.fail('answered'),
    (error) => error,
  );
  return `${failure.kind}: ${failure.message}`;
}

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

test('nobody listens', async (t) => {
  const connection = new Connection({ path: join(scratch(t), 'none.sock') }, LIMIT_MS);
  const asked = connection.exchange(makeRequest('fast', 1, true));
  await assert.rejects(asked, { kind: 'refused', message: /ENOENT/ });
});

test('closed without an answer, on a new and on a reused connection', async (t) => {
  assert.match(await failureOf(t, (socket) => socket.end()), /^reset on a new connection: closed/);
  const second = (socket: Socket, nth: number) => {
    if (nth === 1) socket.write(answer());
    else socket.end();
  };
  assert.match(await failureOf(t, second, { requests: 2 }), /^reset on a reused connection/);
});

test('closed while idle, without having said so', async (t) => {
  let closed: Promise<unknown> = Promise.resolve();
  const idle = (socket: Socket) => {
    // Closed on this side means that the client has seen the end, and ended too.
    closed = once(socket, 'close');
    socket.write(answer());
    setImmediate(() => socket.end());
  };
  const failure = await failureOf(t, idle, { requests: 2, between: () => closed });
  assert.match(failure, /^reset on a reused connection: closed by the server, while it was idle/);
});

test('cut off in the head and in the body', async (t) => {
  const inHead = (socket: Socket) => socket.end(answer().slice(0, 20));
  assert.match(await failureOf(t, inHead), /^truncated: .* a part of the head/);
  const inBody = (socket: Socket) => socket.end(answer().slice(0, -2));
  assert.match(await failureOf(t, inBody), /^truncated: .* 5 of 7 bytes/);
});

test('silent, and not closing after the last answer', async (t) => {
  const limitMs = SHORT_LIMIT_MS;
  assert.match(await failureOf(t, () => {}, { limitMs }), /^timeout/);
  const open = (socket: Socket) => socket.write(answer('Connection: close\r\n'));
  assert.match(await failureOf(t, open, { limitMs }), /^timeout/);
});

test('wrong answers', async (t) => {
  const failureOn = (text: string) => failureOf(t, (socket) => socket.write(text));
  assert.match(
    await failureOn(answer('', '/fast?2')),
    /^wrong answer: wrong body: "2" instead of "1"/,
  );
  assert.match(
    await failureOn(answer('', `${EXPECTED}0`)),
    /^wrong answer: body of 8 instead of 7/,
  );
  assert.match(await failureOn(`${answer()}x`), /^wrong answer: bytes behind the end/);
  assert.match(await failureOn(answer().replace('200', '503')), /^wrong answer: status 503/);
  assert.match(await failureOn('HTTP/1.1 200 OK\r\n\r\n'), /^wrong answer: not a response with/);
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
  // The sixth fails, and the goal asks for an answer of generation 7: the fifth was one.
  assert.equal(report.requests, 6);
  assert.equal(served, 6);
  assert.equal(report.failures['reset on a new connection'], 3, describe(report));
  assert.match(
    describe(report),
    /3 × reset on a new connection\n {2}at \d+ ms, new-connection fast/,
  );
  assert.deepEqual(report.generations, { 7: 3 });
});
