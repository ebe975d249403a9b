// The descriptor store: which sockets are put in, and under which names the next master recognizes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notifier } from 'node-systemd-notify';
import type { Log } from '../../src/log/logger.js';
import { createFdStore, parseStoredName, storedName } from '../../src/sockets/fd-store.js';
import type { HeldSocket } from '../../src/sockets/held-socket.js';
import { heldSocket } from '../helpers/sockets/held-socket.js';

test('the name of a stored socket gives back its origin, name and path', () => {
  const rows: [Partial<HeldSocket>, origin: string, name: string, path: string | null][] = [
    [{}, 'given', 'web', null],
    [{ origin: 'adopted', name: '80', host: '127.0.0.1' }, 'adopted', '80', null],
    [{ path: '/run/a b/%:ü.sock' }, 'given', 'web', '/run/a b/%:ü.sock'],
    [{ path: '\0abstract' }, 'given', 'web', '\0abstract'],
    [{ name: 'a/b' }, 'given', 'a/b', null],
  ];
  for (const [more, origin, name, path] of rows) {
    const stored = storedName(heldSocket(more)) ?? '';
    // systemd's fdname_is_valid.
    assert.match(stored, /^[ -9;-~]{1,255}$/);
    assert.deepEqual(parseStoredName(stored), { origin, name, path });
  }
});

test('a name of another form is not recognized', () => {
  const others = ['', 'web', 'graceful-run', 'graceful-run/given', 'graceful-run/given/web'];
  for (const name of [...others, 'graceful-run/odd/web/', 'graceful-run/given/%zz/']) {
    assert.equal(parseStoredName(name), null, name);
  }
});

/** A store, and what the service manager and the log are told. */
function store(env: NodeJS.ProcessEnv, sockets: readonly HeldSocket[] = []) {
  const told: string[] = [];
  const notifier = {
    storeFd: async (fd: number, name: string) => told.push(`store ${fd} ${name}`) > 0,
    removeFd: async (name: string) => told.push(`remove ${name}`) > 0,
  };
  const log = { warn: (text: string) => told.push(`warn ${text}`) };
  const typed = [notifier as unknown as Notifier, log as unknown as Log] as const;
  return { told, ...createFdStore(typed[0], env, sockets, typed[1]) };
}

test('a socket is stored once, under a new name after the old one is removed, and forgotten', () => {
  const { told, keep, forget, has } = store({ FDSTORE: '16' });
  const socket = heldSocket({ origin: 'adopted', name: 'a', host: null, port: null, path: '/r/1' });
  const moved = { ...socket, path: '/r/2' };
  for (const one of [socket, socket, moved]) keep(one);
  assert.equal(has(moved), true);
  forget(moved);
  assert.equal(has(moved), false);
  const names = ['graceful-run/adopted/a/%2Fr%2F1', 'graceful-run/adopted/a/%2Fr%2F2'];
  const [first, second] = names;
  const expected = [`store 9 ${first}`, `remove ${first}`, `store 9 ${second}`, `remove ${second}`];
  assert.deepEqual(told, expected);
});

test('two sockets of one port have different names, and one that came from the store keeps its own', () => {
  const [four, six] = ['127.0.0.1', '::1'].map((host, i) => heldSocket({ host, fd: 20 + i }));
  assert.ok(four && six);
  const { told, keep } = store({ FDSTORE: '16' }, [{ ...four, storedAs: storedName(four) }]);
  for (const one of [four, six]) keep(one);
  assert.deepEqual(told, ['store 21 graceful-run/given/web/%3A%3A1']);
});

test('no socket is stored without a store, nor one that is inherited, private or has a long path', () => {
  const none = store({});
  none.keep(heldSocket());
  assert.deepEqual(none.told, []);
  const { told, keep } = store({ FDSTORE: '16' });
  for (const more of [{ origin: 'inherited' }, { isPrivate: true }] as const)
    keep(heldSocket(more));
  assert.deepEqual(told, []);
  keep(heldSocket({ path: `/${'ü'.repeat(50)}` }));
  assert.match(told.join(), /^warn unix:\S+ is not kept over a restart: its path is too long/);
});
