// Which sockets the master keeps, for whom, and when one goes.
import assert from 'node:assert/strict';
import { existsSync, linkSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BoundAddress, ListenTarget } from '../../src/ipc-protocol.js';
import { bindGiven } from '../../src/sockets/bind.js';
import { describeSocket, type HeldSocket, toSharedSocket } from '../../src/sockets/held-socket.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { createSockets, type Sockets } from '../../src/sockets/registry.js';
import { scratch } from '../helpers/supervisor.js';

async function bind(t: TestContext, text: string, id = 1): Promise<HeldSocket> {
  const socket = await bindGiven(parseListenSpec(text), id, `given-${id}`);
  t.after(() => socket.close?.());
  return socket;
}

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
const ids = (sockets: readonly HeldSocket[]) => sockets.map((socket) => socket.id);

/** Given 1; adopted 2 (port 3000) by worker 1 and 3 (port 0) by worker 2. */
async function three(t: TestContext) {
  const sockets = createSockets([await bind(t, '127.0.0.1:0')]);
  const handles = [handle(), handle()] as const;
  sockets.adopt(1, port(3000), at(3000), handles[0]);
  sockets.adopt(2, { ...port(0), nth: 0 }, at(4711), handles[1]);
  return { sockets, handles };
}

test('an adopted socket is kept with the call that opened it', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'a:b c');
  writeFileSync(path, '');
  const sockets = createSockets([]);
  const unix: ListenTarget = { path, written: './a:b c', sparePath: `${path}.spare` };
  const rows: [ListenTarget, BoundAddress, name: string, described: string][] = [
    [port(3000), at(3000), '3000', ':3000'],
    [port(0), { port: 41, host: '127.0.0.1' }, '41', '127.0.0.1:41'],
    [port(1, '::1'), { port: 1, host: '::1' }, '1', '[::1]:1'],
    [unix, { path }, 'a-b-c', `unix:${path}`],
    // The worker could not tell; it still holds something.
    [port(5), { path: null }, 'unknown', 'a socket without an address'],
  ];
  for (const [i, [asked, address, name, described]] of rows.entries()) {
    const socket = sockets.adopt(1, asked, address, handle(20 + i));
    assert.deepEqual([socket.id, socket.fd, socket.name], [i + 1, 20 + i, name]);
    assert.deepEqual([socket.openedAs, socket.origin], [asked, 'adopted']);
    assert.equal(describeSocket(socket), described);
    assert.equal(sockets.list().at(-1), socket);
  }
  const held = sockets.list()[3] as HeldSocket;
  assert.deepEqual([held.inode, held.sparePath], [lstatSync(path).ino, `${path}.spare`]);
  const { name: _, origin, fd, inode, backlog, close, ...shared } = held;
  assert.deepEqual(toSharedSocket(held, 2), { ...shared, backlog: null, fd: 5 });
});

test('expected of a new worker: what was given, and what the serving ones listen on', async (t) => {
  const { sockets } = await three(t);
  assert.deepEqual(ids(sockets.list()), [1, 2, 3]);
  assert.deepEqual(ids(sockets.expected()), [1]);
  await sockets.rolledOut([1, 2]);
  // Not port 0: no client could know it.
  assert.deepEqual(ids(sockets.expected()), [1, 2]);
});

test('what a failed generation opened goes with it, what is served outlives a crash', async (t) => {
  const { sockets, handles } = await three(t);
  await sockets.rolledOut([1, 2]);
  const extra = handle();
  sockets.adopt(3, port(9000), at(9000), extra);
  sockets.listening(3, 2);
  assert.deepEqual(ids(await sockets.left(3)), [4]);
  assert.equal(extra.closed, 1);
  assert.deepEqual(ids(await sockets.left(1)), []);
  assert.deepEqual(ids(await sockets.left(2)), []);
  assert.deepEqual(
    handles.map((one) => one.closed),
    [0, 0],
  );
  assert.deepEqual(ids(sockets.expected()), [1, 2]);
});

test('what a new generation does not use any more goes with the last who did', async (t) => {
  const { sockets, handles } = await three(t);
  await sockets.rolledOut([1, 2]);
  sockets.listening(5, 1);
  sockets.listening(5, 2);
  assert.deepEqual(ids(await sockets.rolledOut([5])), [], 'the old ones still drain');
  assert.deepEqual(ids(await sockets.left(1)), []);
  assert.deepEqual(ids(await sockets.left(2)), [3]);
  assert.deepEqual(
    handles.map((one) => one.closed),
    [0, 1],
  );
  assert.deepEqual(ids(sockets.list()), [1, 2]);
});

test('a server that the app closed gives its socket up, if nobody else listens', async (t) => {
  const { sockets, handles } = await three(t);
  sockets.listening(2, 2);
  assert.equal(await sockets.closed(1, 2), null);
  assert.equal((await sockets.closed(2, 2))?.id, 2);
  assert.equal(await sockets.closed(2, 2), null);
  assert.equal(await sockets.closed(1, 1), null, 'what was given stays');
  assert.equal(await sockets.closed(1, 77), null);
  assert.deepEqual(
    handles.map((one) => one.closed),
    [1, 0],
  );
  assert.deepEqual(ids(sockets.list()), [1, 3]);
});

test('what an earlier master left is waited for, longer than until the first server is ready', async (t) => {
  const [first, late, gone] = await Promise.all(
    [1, 2, 3].map(async (id) => ({
      ...(await bind(t, '127.0.0.1:0', id)),
      origin: 'adopted' as const,
    })),
  );
  const forgotten: number[] = [];
  const shelter = {
    keep() {},
    forget: ({ id }: HeldSocket) => forgotten.push(id),
    has: () => true,
  };
  const sockets = createSockets([first, late, gone] as HeldSocket[], shelter as never);
  sockets.listening(1, 1);
  assert.deepEqual(ids(await sockets.rolledOut([1])), []);
  sockets.listening(1, 2);
  assert.deepEqual(ids(await sockets.stopWaiting()), [3]);
  assert.deepEqual(ids(await sockets.stopWaiting()), []);
  assert.deepEqual([ids(sockets.list()), forgotten], [[1, 2], [3]]);
  assert.deepEqual(ids(await sockets.rolledOut([2])), [], 'worker 1 still listens on both');
  assert.deepEqual(ids(await sockets.left(1)), [1, 2]);
});

test('several that go at once go once each', async (t) => {
  const { sockets, handles } = await three(t);
  sockets.adopt(2, port(5), at(5), handle());
  sockets.listening(1, 3);
  const gone = await Promise.all([sockets.left(1), sockets.left(2), sockets.rolledOut([])]);
  assert.deepEqual(gone.map(ids), [[2], [3, 4], []]);
  assert.deepEqual(
    handles.map((one) => one.closed),
    [1, 1],
  );
});

test('an answer for an address that is held', async (t) => {
  const path = join(scratch(t), 'app.sock');
  const sockets = createSockets([await bind(t, '127.0.0.1:0'), await bind(t, `unix:${path}`, 2)]);
  const opened = handle();
  sockets.adopt(1, port(3000), at(3000), opened);
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
  const dead = createServer();
  await new Promise((resolve) => dead.listen(name('temporary'), () => resolve(null)));
  linkSync(name('temporary'), name('stale'));
  await new Promise((resolve) => dead.close(resolve));

  const sockets = createSockets([]);
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
  const given = await Promise.all(
    ['mine', 'taken'].map((file, i) => bind(t, `unix:${name(file)}`, i + 1)),
  );
  const inherited = {
    ...(given[0] as HeldSocket),
    id: 3,
    origin: 'inherited' as const,
    inode: null,
  };
  const closed: string[] = [];
  const sockets: Sockets = createSockets([
    ...given.map((one) => ({ ...one, close: () => void closed.push(one.name) })),
    { ...inherited, path: name('systemd'), close: () => void closed.push('systemd') },
  ]);
  const opened = handle();
  writeFileSync(name('adopted'), '');
  const asked = { path: name('adopted'), written: 'adopted', sparePath: name('spare') };
  linkSync(name('adopted'), name('spare'));
  sockets.adopt(1, asked, { path: name('adopted') }, opened);
  writeFileSync(name('systemd'), '');
  // Somebody has put another one in its place.
  rmSync(name('taken'));
  writeFileSync(name('taken'), '');

  // Asked twice, as a master that stops does: the second waits for what the first began.
  void sockets.close();
  await sockets.close();
  const left = ['mine', 'taken', 'adopted', 'spare', 'systemd', '.mine.graceful-run'];
  assert.deepEqual(
    left.filter((file) => existsSync(name(file))),
    ['taken', 'systemd'],
  );
  assert.deepEqual([closed.sort(), opened.closed], [['given-1', 'given-2'], 1]);
  assert.deepEqual(ids(sockets.list()), [3]);
  await sockets.close();
  assert.deepEqual([closed.sort(), opened.closed], [['given-1', 'given-2'], 1]);
});
