// Connections counted from outside, with real sockets of a real process.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import net, { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { countConnections } from '../../src/status/connections.js';

/** A socket that is bound and does not accept, as the master holds it. */
interface Bound {
  readonly fd: number;
  getsockname(out: { port?: number }): number;
  listen(backlog: number): number;
  close(): void;
}

/** Serves the descriptors from 3 on, as messages over IPC tell it to. */
const SERVER = `
const net = require('node:net');
const servers = [];
const others = [];
const sockets = [];
let accepted = 0;
const send = (message) => process.send({ ...message, accepted });
process.on('disconnect', () => process.exit());
process.on('message', ({ listen, connect, hold, forget, drop }) => {
  if (listen) {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {}).resume();
      sockets.push(socket);
      accepted += 1;
      send({});
    });
    server.listen(listen, () => send({ listening: true }));
    servers.push(server);
  }
  if (connect) others.push(net.connect(connect, () => send({ connected: true })));
  if (hold) require('node:dgram').createSocket('udp4').bind(0, function () { send({ held: true }); });
  if (forget) for (const server of servers) { server.close(); send({ forgot: true }); }
  for (const socket of sockets.splice(0, drop ?? 0)) socket.destroy();
});
send({ started: true });
`;

type Answer = Record<string, unknown> & { accepted: number };

function isReached(child: ChildProcess, holds: (answer: Answer) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const onMessage = (answer: Answer) => {
      if (!holds(answer)) return;
      child.off('message', onMessage);
      resolve();
    };
    child.on('message', onMessage);
  });
}

async function startServer(t: TestContext, fds: readonly number[] = []): Promise<ChildProcess> {
  const stdio = ['ignore', 'inherit', 'inherit', ...fds, 'ipc'] as const;
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: [...stdio] });
  t.after(() => child.kill('SIGKILL'));
  await isReached(child, (answer) => answer.started === true);
  return child;
}

async function request(child: ChildProcess, order: object, answer: string): Promise<void> {
  const done = isReached(child, (message) => message[answer] === true);
  child.send(order);
  await done;
}

/** Connects and waits until the other side has accepted `total` in all. */
async function keep(t: TestContext, child: ChildProcess, to: net.NetConnectOpts[], total: number) {
  const accepted = isReached(child, (answer) => answer.accepted === total);
  const clients = to.map((options) => connect(options));
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  await Promise.all([accepted, ...clients.map((client) => once(client, 'connect'))]);
  return clients;
}

function bind(
  t: TestContext,
  address: string,
  family: 4 | 6 | -1,
): Bound & { inode: number; port: number } {
  const create = (net as unknown as { _createServerHandle(...args: unknown[]): Bound | number })
    ._createServerHandle;
  const handle = create(address, family === -1 ? -1 : 0, family);
  if (typeof handle === 'number') throw new Error(`cannot bind ${address}: ${handle}`);
  t.after(() => handle.close());
  const out: { port?: number } = {};
  if (family !== -1) handle.getsockname(out);
  return Object.assign(handle, { inode: fstatSync(handle.fd).ino, port: out.port ?? 0 });
}

/** Makes bound sockets listen. Nothing accepts on them: the process that called listen() has ended. */
function makeListen(fds: readonly number[]): void {
  const code = `for (const fd of [${fds.map((_, i) => i + 3)}]) require('net').createServer().listen({ fd });
    process.reallyExit(0)`;
  const { status } = spawnSync(process.execPath, ['-e', code], {
    stdio: ['ignore', 'inherit', 'inherit', ...fds],
  });
  assert.equal(status, 0);
}

function socketPath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'connections-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'app.sock');
}

async function eventually<T>(probe: () => Promise<T>, expected: T): Promise<void> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const value = await probe();
    if (Date.now() > deadline) assert.deepEqual(value, expected);
    try {
      return assert.deepEqual(value, expected);
    } catch {
      await new Promise(setImmediate);
    }
  }
}

async function countOf(child: ChildProcess, ...listeners: { inode: number }[]) {
  const { pid = 0 } = child;
  const inodes = new Set(listeners.map(({ inode }) => inode));
  return (await countConnections([pid], inodes)).connections.get(pid);
}

const noIPv6 = !Object.values(networkInterfaces())
  .flat()
  .some((entry) => entry?.address === '::1');

test('TCP and unix connections of a process are counted, its own to other servers are not', {
  skip: noIPv6,
}, async (t) => {
  const database = createServer().listen(0, '127.0.0.1');
  await once(database, 'listening');
  t.after(() => database.close());
  const files = createServer().listen(socketPath(t));
  await once(files, 'listening');
  t.after(() => files.close());

  const path = socketPath(t);
  const v4 = bind(t, '127.0.0.1', 4);
  const both = bind(t, '::', 6);
  const unix = bind(t, path, -1);
  const child = await startServer(t, [v4.fd, both.fd, unix.fd]);
  for (const fd of [3, 4, 5]) await request(child, { listen: { fd } }, 'listening');
  assert.equal(await countOf(child, v4, both, unix), 0);

  const peers = [once(database, 'connection'), once(files, 'connection')];
  for (const server of [database, files]) {
    const at = server.address();
    const connect = typeof at === 'string' ? { path: at } : { port: at?.port, host: '127.0.0.1' };
    await request(child, { connect }, 'connected');
  }
  for (const [socket] of await Promise.all(peers)) t.after(() => (socket as Socket).destroy());
  assert.equal(await countOf(child, v4, both, unix), 0);

  const toV4 = { port: v4.port, host: '127.0.0.1' };
  const mapped = { port: both.port, host: '127.0.0.1' };
  const toV6 = { port: both.port, host: '::1' };
  const clients = await keep(t, child, [toV4, toV4, mapped, toV6, toV6, { path }, { path }], 7);
  assert.equal(await countOf(child, v4, both, unix), 7);
  // The process holds the listeners itself, so that they need not be given.
  assert.equal(await countOf(child), 7);
  // For this process, which serves them, the two connections of the child are incoming ones.
  const { connections } = await countConnections([process.pid], new Set());
  assert.equal(connections.get(process.pid), 2);

  // A client that has ended its side still waits for its answer.
  clients[0]?.end();
  clients[3]?.end();
  assert.equal(await countOf(child), 7);

  // A retired worker has closed its listeners.
  const forgot = [3, 4, 5].map(() => isReached(child, (answer) => answer.forgot === true));
  child.send({ forget: true });
  await Promise.all(forgot);
  await eventually(() => countOf(child, v4, both, unix), 7);
  await eventually(() => countOf(child, both), 3);

  child.send({ drop: 2 });
  await eventually(() => countOf(child, v4, both, unix), 5);
});

test('a count that cannot be known is null, and 0 for a process that has ended', async (t) => {
  const child = await startServer(t);
  const nowhere = { inode: 4294967295 };
  assert.equal(await countOf(child, nowhere), 0);
  // It has a socket that could be a connection of the listener that is not listed.
  await request(child, { hold: true }, 'held');
  assert.equal(await countOf(child, nowhere), null);
  assert.equal(await countOf(child), 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await countOf(child, nowhere), 0);
});

const mayReadAll = process.getuid?.() === 0 || statSync('/proc/1').uid === process.getuid?.();

test('the count of a process of another user is null', {
  skip: mayReadAll && 'pid 1 is open to this user',
}, async () => {
  const { connections } = await countConnections([1], new Set());
  assert.deepEqual(connections, new Map([[1, null]]));
});

test('connections that wait to be accepted are counted for each listener', async (t) => {
  const path = socketPath(t);
  const rows = [
    { bound: bind(t, '127.0.0.1', 4), clients: 3, path: undefined, host: '127.0.0.1' },
    { bound: bind(t, path, -1), clients: 2, path, host: undefined },
    ...(noIPv6 ? [] : [{ bound: bind(t, '::1', 6), clients: 1, path: undefined, host: '::1' }]),
  ];
  makeListen(rows.map(({ bound }) => bound.fd));
  const expected: [number, number | null][] = [[1, null]];
  for (const { bound, clients, path, host } of rows) {
    for (let i = 0; i < clients; i += 1) {
      const client = connect(
        path === undefined ? { port: bound.port, host: host ?? '' } : { path },
      );
      t.after(() => client.destroy());
      await once(client, 'connect');
    }
    expected.push([bound.inode, clients]);
  }
  const inodes = new Set(expected.map(([inode]) => inode));
  await eventually(async () => (await countConnections([], inodes)).queued, new Map(expected));
});
