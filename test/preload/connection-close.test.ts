// A retired server sends `Connection: close` with the last response of each connection, whatever headers the app sets,
// and answers every request that was sent.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import {
  closeAfterPresentResponses,
  closeAfterResponses,
} from '../../native-free-shims/preload/connection-close.js';

const CHANNEL = 'http.server.request.start';

/** As the preload does it when the worker is retired; `spread`: milliseconds until all are told. */
function retire(t: TestContext, server: Server, spread = 0): void {
  const closeAfterResponse = closeAfterResponses(spread);
  subscribe(CHANNEL, closeAfterResponse);
  t.after(() => unsubscribe(CHANNEL, closeAfterResponse));
  closeAfterPresentResponses(server);
}

async function serve(t: TestContext, listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

async function client(t: TestContext, server: Server): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Everything until the server ends the connection, in lower case. */
async function all(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text.toLowerCase();
}

const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
/** What each response of a connection says about it. */
const wishes = (text: string) =>
  [...text.matchAll(/^connection: (.*)\r$/gm)].map(([, wish]) => wish ?? '');

test('the client gets `close` once, and all other headers, however the app sets its headers', async (t) => {
  const ways: Record<string, (response: ServerResponse) => void> = {
    end: (response) => response.setHeader('x-a', '1').end('done'),
    setHeader: (response) =>
      response.setHeader('Connection', 'keep-alive').setHeader('x-a', '1').end('done'),
    both: (response) => {
      response.setHeader('Connection', 'keep-alive');
      response.writeHead(200, { 'x-a': '1' }).end('done');
    },
    object: (response) =>
      response.writeHead(200, { connection: 'Keep-Alive', 'x-a': '1' }).end('done'),
    reason: (response) =>
      response.writeHead(200, 'OK', { Connection: 'keep-alive', 'x-a': '1' }).end('done'),
    flat: (response) =>
      response.writeHead(200, ['Connection', 'keep-alive', 'x-a', '1']).end('done'),
    nested: (response) => {
      const headers = [
        ['Connection', 'keep-alive'],
        ['x-a', '1'],
      ];
      response.writeHead(200, headers as unknown as string[]).end('done');
    },
    close: (response) => response.writeHead(200, { connection: 'close', 'x-a': '1' }).end('done'),
    pieces: (response) => {
      response.setHeader('x-a', '1').write('do');
      setImmediate(() => response.end('ne'));
    },
    flushed: (response) => {
      response.setHeader('x-a', '1').flushHeaders();
      setImmediate(() => response.end('done'));
    },
  };
  const server = await serve(t, ({ url = '/' }, response) => ways[url.slice(1)]?.(response));
  retire(t, server);
  for (const way of Object.keys(ways)) {
    const socket = await client(t, server);
    socket.write(request(`/${way}`));
    const text = await all(socket);
    assert.deepEqual(wishes(text), ['close'], way);
    assert.match(text, /^x-a: 1\r$/m, way);
    assert.equal(text.slice(text.indexOf('\r\n\r\n')).replace(/[^a-z]/g, ''), 'done', way);
  }
});

test('after a response whose head was sent before retirement one more response follows', async (t) => {
  let first: ServerResponse | undefined;
  const server = await serve(t, (_, response) => {
    if (first) return void response.end('done');
    first = response;
    response.write('do');
  });
  const socket = await client(t, server);
  socket.write(request('/1'));
  await once(socket, 'data');
  retire(t, server);
  first?.end('ne');
  socket.write(request('/2'));
  assert.deepEqual(wishes(await all(socket)), ['close']);
});

test('a body that looks like a request does not leave a client without an answer', async (t) => {
  const server = await serve(t, (received, response) => {
    received.resume().on('end', () => response.end('done'));
  });
  retire(t, server);
  const socket = await client(t, server);
  const body = 'a\r\n\r\nb\r\n\r\n';
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const [answer] = await once(socket, 'data');
  const text = String(answer).toLowerCase();
  assert.match(text, /done$/);
  if (wishes(text)[0] === 'close') return;
  socket.write(request('/'));
  assert.deepEqual(wishes(await all(socket)), ['close']);
});

test('requests without keep-alive are answered as before', async (t) => {
  const server = await serve(t, (_, response) => response.end('done'));
  retire(t, server);
  for (const head of ['GET / HTTP/1.0\r\n\r\n', request('/', 'Connection: close\r\n')]) {
    const socket = await client(t, server);
    socket.write(head);
    const text = await all(socket);
    assert.deepEqual(wishes(text), ['close']);
    assert.match(text, /done$/);
  }
});

test('four connections are closed at once, the others later', async (t) => {
  const server = await serve(t, (_, response) => response.end('done'));
  // So long that by chance nobody else is told while the test runs.
  retire(t, server, 1e9);
  const wishesOf = async (socket: Socket) => {
    socket.write(request('/'));
    const [answer] = await once(socket, 'data');
    return wishes(String(answer).toLowerCase())[0];
  };
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < 6; i += 1) seen.push(await wishesOf(await client(t, server)));
  assert.deepEqual(seen, ['close', 'close', 'close', 'close', 'keep-alive', 'keep-alive']);
});
