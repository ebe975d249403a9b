// Connections counted from outside, with real sockets of a real process.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, statSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { countConnections } from '../../src/status/connections.js';
import { eventually } from '../helpers/eventually.js';
import { openListener } from '../helpers/sockets/listener.js';
import { scratch } from '../helpers/supervisor.js';

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
async function keep(t: TestContext, child: ChildProcess, to: NetConnectOpts[], total: number) {
  const accepted = isReached(child, (answer) => answer.accepted === total);
  const clients = to.map((options) => connect(options));
  t.after(() => {
    for (const client of clients) client.destroy();
  });
  await Promise.all([accepted, ...clients.map((client) => once(client, 'connect'))]);
  return clients;
}

const inodeOf = ({ fd }: { readonly fd: number }) => fstatSync(fd).ino;

/** The accepted connections of a process; `listeners` are inodes. */
async function countOf({ pid = 0 }: ChildProcess, ...listeners: number[]) {
  return (await countConnections([pid], new Set(listeners))).connections.get(pid);
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
  const files = createServer().listen(join(scratch(t), 'files.sock'));
  await once(files, 'listening');
  t.after(() => files.close());

  const path = join(scratch(t), 'app.sock');
  const opened = [];
  for (const where of [{ host: '127.0.0.1' }, { host: '::' }, { path }]) {
    opened.push(await openListener(t, where));
  }
  const [v4, both] = opened.map(({ port }) => port);
  const inodes = opened.map(inodeOf);
  const child = await startServer(
    t,
    opened.map(({ fd }) => fd),
  );
  for (const fd of [3, 4, 5]) await request(child, { listen: { fd } }, 'listening');
  assert.equal(await countOf(child, ...inodes), 0);

  const peers = [once(database, 'connection'), once(files, 'connection')];
  for (const server of [database, files]) {
    const at = server.address();
    const connect = typeof at === 'string' ? { path: at } : { port: at?.port, host: '127.0.0.1' };
    await request(child, { connect }, 'connected');
  }
  for (const [socket] of await Promise.all(peers)) t.after(() => (socket as Socket).destroy());
  assert.equal(await countOf(child, ...inodes), 0);

  const toV4 = { port: v4 ?? 0, host: '127.0.0.1' };
  const mapped = { port: both ?? 0, host: '127.0.0.1' };
  const toV6 = { port: both ?? 0, host: '::1' };
  const clients = await keep(t, child, [toV4, toV4, mapped, toV6, toV6, { path }, { path }], 7);
  assert.equal(await countOf(child, ...inodes), 7);
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
  const reaches = (expected: number, ...listeners: number[]) =>
    eventually(
      `${expected} connections`,
      () => countOf(child, ...listeners),
      (count) => count === expected,
    );
  await reaches(7, ...inodes);
  await reaches(3, inodes[1] ?? 0);

  child.send({ drop: 2 });
  await reaches(5, ...inodes);
});

test('a count that cannot be known is null, and 0 for a process that has ended', async (t) => {
  const child = await startServer(t);
  const nowhere = 4294967295;
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
  const path = join(scratch(t), 'app.sock');
  const expected: [inode: number, queued: number | null][] = [[1, null]];
  for (const host of ['127.0.0.1', ...(noIPv6 ? [] : ['::1']), null]) {
    const listener = await openListener(t, host === null ? { path } : { host });
    const clients = expected.length;
    for (let i = 0; i < clients; i += 1) {
      const client = connect(host === null ? { path } : { port: listener.port, host });
      t.after(() => client.destroy());
      await once(client, 'connect');
    }
    expected.push([inodeOf(listener), clients]);
  }
  await eventually(
    'all of them wait',
    async () => (await countConnections([], new Set(expected.map(([inode]) => inode)))).queued,
    (queued) => isDeepStrictEqual(queued, new Map(expected)),
  );
});
