// Connections counted from outside, with real sockets of a real process.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import net, { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { countConnections, queuedOn } from '../../src/status/connections.js';

/** A socket that is bound and does not accept, as the master holds it. */
interface Bound {
  readonly fd: number;
  getsockname(out: { port?: number }): number;
  listen(backlog: number): number;
  close(): void;
}

/** Serves the descriptors 3 and up; does what it is told over IPC. */
const SERVER = `
const net = require('node:net');
const servers = [];
const others = [];
const sockets = [];
let accepted = 0;
const say = (what) => process.send({ ...what, accepted });
process.on('disconnect', () => process.exit());
process.on('message', ({ listen, connect, hold, forget, drop }) => {
  if (listen) {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {}).resume();
      sockets.push(socket);
      accepted += 1;
      say({});
    });
    server.listen(listen, () => say({ listening: true }));
    servers.push(server);
  }
  if (connect) others.push(net.connect(connect, () => say({ connected: true })));
  if (hold) require('node:dgram').createSocket('udp4').bind(0, function () { say({ held: true }); });
  if (forget) for (const server of servers) { server.close(); say({ forgot: true }); }
  for (const socket of sockets.splice(0, drop ?? 0)) socket.destroy();
});
say({ started: true });
`;

type Told = Record<string, unknown> & { accepted: number };

function isReached(child: ChildProcess, what: (told: Told) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const hear = (told: Told) => {
      if (!what(told)) return;
      child.off('message', hear);
      resolve();
    };
    child.on('message', hear);
  });
}

async function startServer(t: TestContext, fds: readonly number[] = []): Promise<ChildProcess> {
  const stdio = ['ignore', 'inherit', 'inherit', ...fds, 'ipc'] as const;
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: [...stdio] });
  t.after(() => child.kill('SIGKILL'));
  await isReached(child, (told) => told.started === true);
  return child;
}

async function tell(child: ChildProcess, order: object, answer: string): Promise<void> {
  const done = isReached(child, (told) => told[answer] === true);
  child.send(order);
  await done;
}

/** Connects and waits until the other side has accepted `total` in all. */
async function keep(t: TestContext, child: ChildProcess, to: net.NetConnectOpts[], total: number) {
  const accepted = isReached(child, (told) => told.accepted === total);
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

/** Bound sockets listen afterwards, and nobody accepts: who made them listen is gone before it can. */
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
  const counts = await countConnections([pid], new Set(listeners.map(({ inode }) => inode)));
  return counts.get(pid);
}

const noIPv6 = !Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

test('connections of every kind count, its own to others do not', { skip: noIPv6 }, async (t) => {
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
  for (const fd of [3, 4, 5]) await tell(child, { listen: { fd } }, 'listening');
  assert.equal(await countOf(child, v4, both, unix), 0);

  const peers = [once(database, 'connection'), once(files, 'connection')];
  for (const server of [database, files]) {
    const at = server.address();
    const connect = typeof at === 'string' ? { path: at } : { port: at?.port, host: '127.0.0.1' };
    await tell(child, { connect }, 'connected');
  }
  for (const [socket] of await Promise.all(peers)) t.after(() => (socket as Socket).destroy());
  assert.equal(await countOf(child, v4, both, unix), 0);

  const toV4 = { port: v4.port, host: '127.0.0.1' };
  const mapped = { port: both.port, host: '127.0.0.1' };
  const toV6 = { port: both.port, host: '::1' };
  const clients = await keep(t, child, [toV4, toV4, mapped, toV6, toV6, { path }, { path }], 7);
  assert.equal(await countOf(child, v4, both, unix), 7);
  // It holds the listeners itself; nobody needs to name them.
  assert.equal(await countOf(child), 7);
  // For the database and the files the same two connections are incoming ones.
  assert.equal((await countConnections([process.pid], new Set())).get(process.pid), 2);

  // A client that has said all it had to say still waits for its answer.
  clients[0]?.end();
  clients[3]?.end();
  assert.equal(await countOf(child), 7);

  // Retired: it holds its listeners no more.
  const forgot = [3, 4, 5].map(() => isReached(child, (told) => told.forgot === true));
  child.send({ forget: true });
  await Promise.all(forgot);
  await eventually(() => countOf(child, v4, both, unix), 7);
  await eventually(() => countOf(child, both), 3);

  child.send({ drop: 2 });
  await eventually(() => countOf(child, v4, both, unix), 5);
});

test('what cannot be known is null, a process that is gone has none', async (t) => {
  const child = await startServer(t);
  const nowhere = { inode: 4294967295 };
  assert.equal(await countOf(child, nowhere), 0);
  // It has a socket that could be a connection of a listener which is out of sight.
  await tell(child, { hold: true }, 'held');
  assert.equal(await countOf(child, nowhere), null);
  assert.equal(await countOf(child), 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(await countOf(child, nowhere), 0);
});

const allSeeing = process.getuid?.() === 0 || statSync('/proc/1').uid === process.getuid?.();

test('a process of somebody else', {
  skip: allSeeing && 'pid 1 is open to this user',
}, async () => {
  assert.deepEqual(await countConnections([1], new Set()), new Map([[1, null]]));
});

test('connections that nobody accepts are counted by listener', async (t) => {
  const path = socketPath(t);
  const rows = [
    { bound: bind(t, '127.0.0.1', 4), clients: 3, path: undefined, host: '127.0.0.1' },
    { bound: bind(t, path, -1), clients: 2, path, host: undefined },
    ...(noIPv6 ? [] : [{ bound: bind(t, '::1', 6), clients: 1, path: undefined, host: '::1' }]),
  ];
  makeListen(rows.map(({ bound }) => bound.fd));
  const expected = new Map<number, number | null>([[1, null]]);
  for (const { bound, clients, path, host } of rows) {
    for (let i = 0; i < clients; i += 1) {
      const client = connect(
        path === undefined ? { port: bound.port, host: host ?? '' } : { path },
      );
      t.after(() => client.destroy());
      await once(client, 'connect');
    }
    expected.set(bound.inode, clients);
  }
  await eventually(
    async () => {
      return new Map([...(await queuedOn(expected.keys()))].sort(([a], [b]) => a - b));
    },
    new Map([...expected].sort(([a], [b]) => a - b)),
  );
});
