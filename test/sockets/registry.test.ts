// The sockets that the master holds: how they are kept, handed out and closed.
import assert from 'node:assert/strict';
import { existsSync, linkSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BoundAddress, ListenTarget } from '../../src/ipc-protocol.js';
import { bindGiven } from '../../src/sockets/bind.js';
import { describeSocket, type HeldSocket, toSharedSocket } from '../../src/sockets/held-socket.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { createSocketRegistry } from '../../src/sockets/registry.js';
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

function holding(...sockets: readonly HeldSocket[]) {
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
    [port(5), { path: null }, 'unknown', 'a socket without an address'],
  ];
  for (const [i, [asked, address, name, described]] of rows.entries()) {
    const socket = sockets.adopt(asked, address, handle(20 + i));
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

test('a socket that is given up is closed once, and taken out of the store', () => {
  const registry = createSocketRegistry();
  const forgotten: number[] = [];
  const store = {
    keep() {},
    forget: ({ id }: HeldSocket) => void forgotten.push(id),
    has: () => false,
  };
  registry.hold([], store);
  const opened = handle();
  const { id } = registry.adopt(port(3000), at(3000), opened);
  assert.equal(registry.giveUp(id)?.id, id);
  assert.equal(registry.giveUp(id), undefined);
  assert.deepEqual([opened.closed, forgotten, ids(registry.list())], [1, [id], []]);
});

test('an answer for an address that is held', async (t) => {
  const path = join(scratch(t), 'app.sock');
  const sockets = holding(await bind(t, '127.0.0.1:0'), await bind(t, `unix:${path}`, 2));
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
  const dead = createServer();
  await new Promise((resolve) => dead.listen(name('temporary'), () => resolve(null)));
  linkSync(name('temporary'), name('stale'));
  await new Promise((resolve) => dead.close(resolve));

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
  const sockets = holding(
    ...given.map((one) => ({ ...one, close: () => void closed.push(one.name) })),
    { ...inherited, path: name('systemd'), close: () => void closed.push('systemd') },
  );
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
  assert.deepEqual([closed.sort(), opened.closed], [['given-1', 'given-2'], 1]);
  assert.deepEqual(ids(sockets.list()), [3]);
  sockets.close();
  assert.deepEqual([closed.sort(), opened.closed], [['given-1', 'given-2'], 1]);
});
