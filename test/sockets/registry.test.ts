// The sockets that the master holds: how they are kept, handed out and closed.
import assert from 'node:assert/strict';
import { existsSync, linkSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BoundAddress, ListenTarget } from '../../src/ipc-protocol.js';
import {
  describeSocket,
  type HeldSocket,
  type NewSocket,
  toSharedSocket,
} from '../../src/sockets/held-socket.js';
import { createSocketRegistry } from '../../src/sockets/registry.js';
import { bind, leaveDeadSocket } from '../helpers/sockets/held-socket.js';
import { scratch } from '../helpers/supervisor.js';

/** A handle as a worker sends it, and how often it was closed. */
function handle(fd = 99) {
  return {
    fd,
    closed: 0,
    close() {
      this.closed += 1;
    },
  };
}

const port = (number: number, host: string | null = null): ListenTarget => ({ port: number, host });
const at = (number: number): BoundAddress => ({ port: number, host: '::' });

function holding(...sockets: readonly NewSocket[]) {
  const registry = createSocketRegistry();
  registry.hold(sockets, null);
  return registry;
}

test('an adopted socket is kept with the call that opened it', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'a:b c');
  writeFileSync(path, '');
  const sockets = holding();
  const unix: ListenTarget = { path, written: './a:b c', sparePath: `${path}.spare` };
  const rows: [ListenTarget, BoundAddress, name: string, described: string][] = [
    [port(3000), at(3000), '3000', ':3000'],
    [port(0), { port: 41, host: '127.0.0.1' }, '41', '127.0.0.1:41'],
    [port(1, '::1'), { port: 1, host: '::1' }, '1', '[::1]:1'],
    [unix, { path }, 'a-b-c', `unix:${path}`],
    // The worker could not tell; it still holds something.
    [
      { path: '/r/5', written: '5', pid: 5 },
      { path: null },
      'unknown',
      'a socket without an address',
    ],
  ];
  for (const [i, [asked, address, name, described]] of rows.entries()) {
    const socket = sockets.adopt(asked, address, handle(20 + i));
    assert.deepEqual([socket.id, socket.fd, socket.name], [i + 1, 20 + i, name]);
    assert.deepEqual([socket.openedAs, socket.origin], [asked, 'adopted']);
    // No client can know port 0, nor a path with the pid.
    assert.equal(socket.isPrivate, i === 1 || i === 4, described);
    assert.equal(describeSocket(socket), described);
    assert.equal(sockets.list().at(-1), socket);
  }
  const held = sockets.list()[3] as HeldSocket;
  assert.deepEqual([held.inode, held.sparePath], [lstatSync(path).ino, `${path}.spare`]);
  const { name: _, origin, fd, inode, isPrivate, storedAs, backlog, close, ...shared } = held;
  assert.deepEqual(toSharedSocket(held, 2), { ...shared, backlog: null, fd: 5 });
});

test('a socket that is given up is closed once, and taken out of the store', () => {
  const registry = createSocketRegistry();
  const forgotten: number[] = [];
  const store = {
    keep() {},
    forget: ({ fd }: NewSocket) => void forgotten.push(fd),
    has: () => false,
  };
  registry.hold([], store);
  const opened = handle();
  const { id } = registry.adopt(port(3000), at(3000), opened);
  assert.equal(registry.giveUp(id)?.id, id);
  assert.equal(registry.giveUp(id), undefined);
  assert.deepEqual([opened.closed, forgotten, registry.list()], [1, [opened.fd], []]);
});

test('an answer for an address that is held', async (t) => {
  const path = join(scratch(t), 'app.sock');
  const sockets = holding(await bind(t, '127.0.0.1:0'), await bind(t, `unix:${path}`));
  const opened = handle();
  sockets.adopt(port(3000), at(3000), opened);
  const given = sockets.list()[0] as HeldSocket;
  const rows: [ListenTarget, id: number, fd: number][] = [
    [port(given.port ?? 0), 1, given.fd],
    [{ path, written: path }, 2, sockets.list()[1]?.fd ?? -1],
    [port(3000), 3, opened.fd],
  ];
  for (const [target, id, fd] of rows) {
    const answer = await sockets.answer(target);
    assert.ok('socket' in answer, `socket ${id}`);
    assert.deepEqual([answer.socket.id, answer.handle.fd], [id, fd]);
    // One handle for all: a second would close the number of the first.
    const again = await sockets.answer(target);
    assert.equal('handle' in again && again.handle, answer.handle);
  }
});

test('an answer for an address that is not held: is there a dead socket in the way?', async (t) => {
  const directory = scratch(t);
  const name = (file: string) => join(directory, file);
  const server = createServer();
  await new Promise((resolve) => server.listen(name('live'), () => resolve(null)));
  t.after(() => server.close());
  writeFileSync(name('file'), '');
  await leaveDeadSocket(name('stale'));

  const sockets = holding();
  const rows: [ListenTarget, deadFile: boolean][] = [
    [port(3000), false],
    ...['live', 'file', 'nowhere'].map((file): [ListenTarget, boolean] => [
      { path: name(file), written: file },
      false,
    ]),
    [{ path: name('stale'), written: 'stale' }, true],
  ];
  for (const [target, deadFile] of rows)
    assert.deepEqual(await sockets.answer(target), { deadFile });
});

test('the end closes all, and removes the paths that are still ours', async (t) => {
  const directory = scratch(t);
  const name = (file: string) => join(directory, file);
  const closed: string[] = [];
  const given = async (file: string): Promise<NewSocket> => ({
    ...(await bind(t, `unix:${name(file)}`)),
    close: () => void closed.push(file),
  });
  const [mine, taken] = [await given('mine'), await given('taken')];
  const unit = { ...mine, origin: 'inherited', inode: null, path: name('systemd') } as const;
  const sockets = holding(mine, taken, unit);
  const opened = handle();
  writeFileSync(name('adopted'), '');
  const asked = { path: name('adopted'), written: 'adopted', sparePath: name('spare') };
  linkSync(name('adopted'), name('spare'));
  sockets.adopt(asked, { path: name('adopted') }, opened);
  writeFileSync(name('systemd'), '');
  // Somebody has put another one in its place.
  rmSync(name('taken'));
  writeFileSync(name('taken'), '');

  sockets.close();
  const left = ['mine', 'taken', 'adopted', 'spare', 'systemd', '.mine.graceful-run'];
  assert.deepEqual(
    left.filter((file) => existsSync(name(file))),
    ['taken', 'systemd'],
  );
  const all = { closed: ['mine', 'taken'], adopted: 1, held: ['inherited'] };
  const state = () => ({
    ...{ closed: closed.sort(), adopted: opened.closed },
    held: sockets.list().map(({ origin }) => origin),
  });
  assert.deepEqual(state(), all);
  sockets.close();
  assert.deepEqual(state(), all);
});
