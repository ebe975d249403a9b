// Sockets that listen without accepting: clients wait in the queue until a server accepts them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StartError } from '../../src/errors.js';
import { socketInode } from '../../src/linux/proc-process.js';
import { bindGiven } from '../../src/sockets/bind.js';
import type { HeldSocket } from '../../src/sockets/held-socket.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { startListening } from '../../src/sockets/start-listening.js';
import { countConnections } from '../../src/status/connections.js';
import { eventually } from '../helpers/eventually.js';
import { scratch } from '../helpers/supervisor.js';

async function bind(t: TestContext, text: string): Promise<HeldSocket> {
  const socket = await bindGiven(parseListenSpec(text), 1, 'web');
  t.after(() => socket.close?.());
  return socket;
}

const whereIs = ({ path, port }: HeldSocket): NetConnectOpts =>
  path === null ? { port: port ?? 0, host: '127.0.0.1' } : { path };

/** A client that has connected; rejects with the error when it cannot. */
async function client(t: TestContext, to: NetConnectOpts): Promise<Socket> {
  const socket = connect(to);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Connections that nobody has accepted. */
async function queued({ fd }: HeldSocket): Promise<number | null | undefined> {
  const inode = socketInode(fd) ?? 0;
  return (await countConnections([], new Set([inode]))).queued.get(inode);
}

/** O_NONBLOCK of open(2), which all who share a socket share. */
const isNonBlocking = ({ fd }: HeldSocket) =>
  (Number.parseInt(
    /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '',
    8,
  ) &
    0o4000) !==
  0;

const ANSWERS = `require('net').createServer((socket) => {
  socket.end(String(process.pid));
}).listen({ fd: 3 })`;

test('clients wait in the queue until a server accepts them', async (t) => {
  const sockets = [
    await bind(t, '127.0.0.1:0'),
    await bind(t, `unix:${join(scratch(t), 'app.sock')}`),
  ];
  for (const socket of sockets) {
    await assert.rejects(client(t, whereIs(socket)), { code: 'ECONNREFUSED' });
  }
  await startListening(sockets);
  const clients: Socket[] = [];
  for (const socket of sockets) {
    assert.equal(isNonBlocking(socket), false, 'as systemd passes them');
    clients.push(await client(t, whereIs(socket)), await client(t, whereIs(socket)));
    await eventually(
      'two wait',
      () => queued(socket),
      (count) => count === 2,
    );
  }

  const answers = clients.slice(0, 2).map((one) => once(one, 'data'));
  const fd = sockets[0]?.fd ?? -1;
  const server = spawn(process.execPath, ['-e', ANSWERS], {
    stdio: ['ignore', 'inherit', 'inherit', fd],
  });
  t.after(() => server.kill('SIGKILL'));
  const told = (await Promise.all(answers)).map(([data]) => Number(data));
  assert.deepEqual(told, [server.pid, server.pid]);
  assert.deepEqual(await Promise.all(sockets.map(queued)), [0, 2]);
});

test('a client that connects while the socket begins to listen is not lost', async (t) => {
  const socket = await bind(t, '127.0.0.1:0');
  let early: Socket | null = null;
  const knocking = (async () => {
    while (!early) early = await client(t, whereIs(socket)).catch(() => null);
  })();
  await Promise.all([startListening([socket]), knocking]);
  await eventually(
    'it waits',
    () => queued(socket),
    (count) => count === 1,
    5000,
  );
});

test('the queue has the length of the backlog', async (t) => {
  const path = join(scratch(t), 'app.sock');
  await startListening([await bind(t, `unix:${path}?backlog=1`)]);
  // The kernel lets one more wait than it was told.
  await client(t, { path });
  await client(t, { path });
  await assert.rejects(client(t, { path }), { code: 'EAGAIN' });
});

test('without sockets no Node is started, and a descriptor that is not a socket is an error', async (t) => {
  const path = process.execPath;
  t.after(() => {
    process.execPath = path;
  });
  process.execPath = '/nowhere';
  await startListening([]);
  process.execPath = path;

  const socket = await bind(t, '127.0.0.1:0');
  const file = { ...socket, fd: openSync('/dev/null', 'r') };
  await assert.rejects(startListening([file]), StartError);
});
