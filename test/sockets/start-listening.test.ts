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
import type { NewSocket } from '../../src/sockets/held-socket.js';
import { startListening } from '../../src/sockets/start-listening.js';
import { countConnections } from '../../src/status/connections.js';
import { eventually } from '../helpers/eventually.js';
import { bind } from '../helpers/sockets/held-socket.js';
import { scratch } from '../helpers/supervisor.js';

const whereIs = ({ path, port }: NewSocket): NetConnectOpts =>
  path === null ? { port: port ?? 0, host: '127.0.0.1' } : { path };

/** A client that has connected; rejects with the error when it cannot. */
async function client(t: TestContext, to: NetConnectOpts): Promise<Socket> {
  const socket = connect(to);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Connections that nobody has accepted. */
async function queued({ fd }: NewSocket): Promise<number | null | undefined> {
  const inode = socketInode(fd) ?? 0;
  return (await countConnections([], new Set([inode]))).queued.get(inode);
}

/** O_NONBLOCK of open(2), which all who share a socket share. */
const isNonBlocking = ({ fd }: NewSocket) =>
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

test('the queue has the length of the backlog', async (t) => {
  const path = join(scratch(t), 'app.sock');
  await startListening([await bind(t, `unix:${path}?backlog=1`)]);
  // The kernel lets one more wait than it was told.
  await client(t, { path });
  await client(t, { path });
  await assert.rejects(client(t, { path }), { code: 'EAGAIN' });
});

test('a descriptor that is not a socket is an error', async (t) => {
  const socket = await bind(t, '127.0.0.1:0');
  const file = { ...socket, fd: openSync('/dev/null', 'r') };
  await assert.rejects(startListening([file]), StartError);
});
