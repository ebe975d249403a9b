// Connections counted from outside, with real sockets of real processes.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
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

const NOWHERE = 4294967295;

const inodeOf = ({ fd }: { readonly fd: number }) => fstatSync(fd).ino;

/** The accepted connections of a process; `listeners` are inodes. */
async function countOf(pid: number | undefined, ...listeners: number[]) {
  return (await countConnections([pid ?? 0], new Set(listeners))).connections.get(pid ?? 0);
}

const reaches = (expected: number, pid: number | undefined, ...listeners: number[]) =>
  eventually(
    `${expected} connections`,
    () => countOf(pid, ...listeners),
    (count) => count === expected,
  );

async function open(t: TestContext, to: NetConnectOpts): Promise<Socket> {
  const client = connect(to);
  t.after(() => client.destroy());
  await once(client, 'connect');
  return client;
}

const noIPv6 = !Object.values(networkInterfaces())
  .flat()
  .some((entry) => entry?.address === '::1');

test('TCP and unix connections that a process has accepted are counted, and not those that it has opened', {
  skip: noIPv6,
}, async (t) => {
  const path = join(scratch(t), 'app.sock');
  const accepted: Socket[] = [];
  const ports: number[] = [];
  for (const where of [{ host: '127.0.0.1', port: 0 }, { host: '::', port: 0 }, { path }]) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      accepted.push(socket.resume().on('error', () => {}));
    }).listen(where);
    t.after(() => server.close());
    await once(server, 'listening');
    const at = server.address();
    if (at !== null && typeof at === 'object') ports.push(at.port);
  }
  const [v4 = 0, both = 0] = ports;
  assert.equal(await countOf(process.pid), 0);
  const ways: NetConnectOpts[] = [
    { port: v4, host: '127.0.0.1' },
    { port: both, host: '127.0.0.1' },
    { port: both, host: '::1' },
    { path },
  ];
  const clients: Socket[] = [];
  for (const way of [...ways, ...ways]) clients.push(await open(t, way));
  await reaches(8, process.pid);
  // A client that has ended its side still waits for its answer.
  for (const client of clients.slice(0, 3)) client.end();
  await eventually(
    'the ends are read',
    () => accepted.filter((one) => one.readableEnded).length === 3,
  );
  assert.equal(await countOf(process.pid), 8);
  for (const socket of accepted.slice(0, 2)) socket.destroy();
  await reaches(6, process.pid);
});

/** Closes its listener, descriptor 3, after two connections, and keeps those. */
const RETIRED = `
  let accepted = 0;
  const server = require('node:net').createServer((socket) => {
    socket.resume();
    if (++accepted === 2) server.close();
  }).listen({ fd: 3 });`;

test('the connections of a process that has closed its listener are counted for that listener alone', async (t) => {
  const listener = await openListener(t, { host: '127.0.0.1' });
  const other = await openListener(t, { host: '127.0.0.1' });
  const child = spawn(process.execPath, ['-e', RETIRED], {
    stdio: ['ignore', 'inherit', 'inherit', listener.fd],
  });
  t.after(() => child.kill('SIGKILL'));
  const to = { port: listener.port, host: '127.0.0.1' };
  await Promise.all([open(t, to), open(t, to)]);
  await reaches(2, child.pid, inodeOf(listener));
  await reaches(0, child.pid, inodeOf(other));
});

test('a count that cannot be known is null, and 0 for a process that has ended', async (t) => {
  const udp = createSocket('udp4').bind(0);
  await once(udp, 'listening');
  t.after(() => udp.close());
  // It could be a connection of the listener that is not listed.
  assert.equal(await countOf(process.pid, NOWHERE), null);
  assert.equal(await countOf(process.pid), 0);
  assert.equal(await countOf(spawnSync('true').pid, NOWHERE), 0);
});

test('the count of a process of another user is null', {
  skip: process.getuid?.() === 0 || statSync('/proc/1').uid === process.getuid?.(),
}, async () => {
  assert.equal(await countOf(1), null);
});

test('connections that wait to be accepted are counted for each listener', async (t) => {
  const path = join(scratch(t), 'app.sock');
  const expected: [inode: number, queued: number | null][] = [[1, null]];
  for (const host of ['127.0.0.1', ...(noIPv6 ? [] : ['::1']), null]) {
    const listener = await openListener(t, host === null ? { path } : { host });
    const clients = expected.length;
    for (let i = 0; i < clients; i += 1) {
      await open(t, host === null ? { path } : { port: listener.port, host });
    }
    expected.push([inodeOf(listener), clients]);
  }
  await eventually(
    'all of them wait',
    async () => (await countConnections([], new Set(expected.map(([inode]) => inode)))).queued,
    (queued) => isDeepStrictEqual(queued, new Map(expected)),
  );
});
