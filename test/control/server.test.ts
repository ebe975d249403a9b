// The control socket against clients that misbehave: only their own connection is affected.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sendControlRequest } from '../../src/control/client.js';
import type { ControlReply, ControlRequest } from '../../src/control/protocol.js';
import { type ControlServer, makePrivateDirectory, openControl } from '../../src/control/server.js';
import { StartError } from '../../src/errors.js';
import { scratch } from '../helpers/supervisor.js';

const uid = process.getuid?.() ?? 0;
type Reply = (reply: ControlReply) => void;

interface TestServer {
  readonly path: string;
  readonly server: ControlServer;
  /** The oldest request that waits for its reply. */
  next(): Promise<{ request: ControlRequest; reply: Reply }>;
}

/** Replies to a status request at once, and leaves other requests to the test. */
async function open(t: TestContext, directory = join(scratch(t), 'run')): Promise<TestServer> {
  const waiting: { request: ControlRequest; reply: Reply }[] = [];
  let arrived = () => {};
  const path = join(directory, 'app.sock');
  const server = await openControl(path, uid, (request, reply) => {
    if (request.command === 'status') return reply({ ok: true, generation: 7 });
    waiting.push({ request, reply });
    arrived();
  });
  // Not awaited: in a test that failed it may wait for clients, which are closed only after this.
  t.after(() => void server.close());
  return {
    path,
    server,
    async next() {
      if (waiting.length === 0) await new Promise<void>((resolve) => (arrived = resolve));
      return waiting.shift() as { request: ControlRequest; reply: Reply };
    },
  };
}

async function client(t: TestContext, path: string): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Everything that the server sends until it ends the connection. */
async function rest(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

/** Resolves at the end of the connection, or at a reset if the server had not read everything. */
function isCutOff(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket
      .resume()
      .once('end', resolve)
      .once('error', () => resolve());
  });
}

const STATUS = '{"command":"status"}\n';
const ANSWER = '{"ok":true,"generation":7}\n';

async function serves(t: TestContext, path: string): Promise<void> {
  const socket = await client(t, path);
  socket.end(STATUS);
  assert.equal(await rest(socket), ANSWER);
}

// The first test, because mocked timers would confuse the timers of earlier ones.
test('a client that sends no request is disconnected after 10 s', { timeout: 5_000 }, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { path } = await open(t);
  const socket = await client(t, path);
  const asked = await client(t, path);
  asked.write(STATUS);
  assert.equal(String(await once(asked, 'data')), ANSWER);
  socket.write('{');
  await serves(t, path);
  t.mock.timers.tick(9_999);
  const cutOff = [isCutOff(socket), isCutOff(asked)];
  t.mock.timers.tick(1);
  await Promise.all(cutOff);
});

test('a request may arrive in any number of pieces', async (t) => {
  const { path } = await open(t);
  const socket = await client(t, path);
  for (const piece of ['{"comm', 'and":"st', 'atus"}']) {
    socket.write(piece);
    await serves(t, path);
  }
  socket.write('\n');
  assert.equal(String(await once(socket, 'data')), ANSWER);
  const incomplete = await client(t, path);
  incomplete.end('{"command":');
  assert.equal(await rest(incomplete), '', 'the rest never comes');
});

test('the first line of a client is answered, however little it is a request, and the others are not', async (t) => {
  const { path } = await open(t);
  const bad = (reason: string) => `{"ok":false,"reason":"bad request: ${reason}"}\n`;
  const rows: [sent: string, answer: string][] = [
    ['GET / HTTP/1.1\n\n', bad('not a JSON object')],
    ['\xff\0\n', bad('not a JSON object')],
    ['{"command":"dance"}\n', bad('unknown command')],
    [STATUS.repeat(50), ANSWER],
  ];
  for (const [sent, answer] of rows) {
    const socket = await client(t, path);
    socket.end(sent);
    assert.equal(await rest(socket), answer, sent);
  }
});

test('a client that has ended its side gets its reply', async (t) => {
  const { path, next } = await open(t);
  const socket = await client(t, path);
  socket.end('{"command":"scale","size":2}\n');
  const answer = rest(socket);
  const { request, reply } = await next();
  assert.deepEqual(request, { command: 'scale', size: 2 });
  reply({ ok: true, generation: 1 });
  assert.equal(await answer, '{"ok":true,"generation":1}\n');
});

test('a client that sends a line without end is disconnected', { timeout: 5_000 }, async (t) => {
  const { path } = await open(t);
  const socket = await client(t, path);
  socket.write('x'.repeat(70_000));
  await isCutOff(socket);
  await serves(t, path);
});

test('a client that disconnects before its reply does not affect others', async (t) => {
  const { path, next } = await open(t);
  const socket = await client(t, path);
  socket.write('{"command":"reload"}\n');
  const { reply } = await next();
  socket.destroy();
  await serves(t, path);
  reply({ ok: true });
  await serves(t, path);
});

test('the socket has mode 0600, its directory 0700, and no other file stays', async (t) => {
  const { path, server } = await open(t);
  const directory = join(path, '..');
  assert.equal(lstatSync(path).mode & 0o777, 0o600);
  assert.equal(lstatSync(directory).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(directory), ['app.sock']);
  await server.close();
  assert.deepEqual(readdirSync(directory), []);
});

test('a control socket that cannot be opened is a StartError with a hint', async (t) => {
  const root = scratch(t);
  const { path } = await open(t, join(root, 'running'));
  mkdirSync(join(root, 'open'));
  chmodSync(join(root, 'open'), 0o777);
  const rows: [path: string, message: RegExp, hint: RegExp][] = [
    [path, /another process is listening on it$/, /choose another --name/],
    [join(root, 'open/app.sock'), /no one else may write to$/, /--control none/],
    [join(root, 'x'.repeat(100), 'app.sock'), /the path is too long$/, /choose another place/],
    [join(path, 'app.sock'), /: ENOTDIR|: EEXIST/, /choose another place/],
  ];
  for (const [at, message, hint] of rows) {
    await assert.rejects(
      openControl(at, uid, () => {}),
      (error) => {
        assert.ok(error instanceof StartError, String(error));
        assert.match(error.message, message);
        return hint.test(error.hint ?? '');
      },
    );
  }
  await serves(t, path);
});

test('at the end the last replies still reach their clients', async (t) => {
  const { path, server, next } = await open(t);
  const answer = sendControlRequest([path], { command: 'stop', now: false });
  const idle = await client(t, path);
  const { reply } = await next();
  const long = 'x'.repeat(1_000_000);
  reply({ ok: true, reason: long });
  await server.close();
  assert.deepEqual(await answer, { ok: true, reason: long });
  assert.equal(await rest(idle), '');
  assert.equal(existsSync(path), false);
  await assert.rejects(sendControlRequest([path], { command: 'status' }), {
    name: 'NoInstanceError',
  });
});

test('a client that does not read cannot keep the master from ending', async (t) => {
  const { path, server, next } = await open(t);
  const socket = await client(t, path);
  socket.pause();
  socket.write('{"command":"stop"}\n');
  const { reply } = await next();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  reply({ ok: true, reason: 'x'.repeat(5_000_000) });
  // It sets its timer before it returns.
  const closed = server.close();
  t.mock.timers.tick(2_000);
  await closed;
});

test('a directory that another user could have prepared is refused', (t) => {
  const root = scratch(t);
  const make = (name: string, mode: number) => {
    mkdirSync(join(root, name));
    chmodSync(join(root, name), mode);
    return join(root, name);
  };
  for (const mode of [0o700, 0o755, 0o500]) makePrivateDirectory(make(`fine${mode}`, mode), uid);
  symlinkSync('fine448', join(root, 'link'));
  const rows: [directory: string, uid: number][] = [
    [make('group', 0o770), uid],
    [make('world', 0o777), uid],
    [make('sticky', 0o1777), uid],
    [join(root, 'link'), uid],
    [join(root, 'fine448'), uid + 1],
  ];
  for (const [path, user] of rows) {
    assert.throws(() => makePrivateDirectory(path, user), StartError, path);
  }
  writeFileSync(join(root, 'file'), '');
  assert.throws(() => makePrivateDirectory(join(root, 'file'), uid), { code: 'EEXIST' });
});
