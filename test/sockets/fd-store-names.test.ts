// Names in the descriptor store, written and parsed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStoredName, storedName } from '../../src/sockets/fd-store-names.js';
import type { HeldSocket } from '../../src/sockets/held-socket.js';

function socket(more: Partial<HeldSocket>): HeldSocket {
  return {
    ...{ id: 1, name: 'web', origin: 'given', fd: 9, host: '::', port: 80, path: null },
    ...{ sparePath: null, inode: null, appAddress: null, openedAs: null, backlog: 511 },
    ...{ close: null, ...more },
  };
}

const openedAs = (port: number) => ({ openedAs: { port, host: null }, origin: 'adopted' as const });

test('the name of a stored socket gives back its origin, name and path', () => {
  const rows: [Partial<HeldSocket>, string][] = [
    [{}, 'given web'],
    [{ ...openedAs(80), name: '80', host: '127.0.0.1' }, 'adopted 80'],
    [{ host: null, port: null, path: '/run/a b/%:ü.sock' }, 'given web /run/a b/%:ü.sock'],
    [{ host: null, port: null, path: '\0abstract' }, 'given web \0abstract'],
    [{ name: 'a/b' }, 'given a/b'],
  ];
  for (const [more, expected] of rows) {
    const name = storedName(socket(more));
    // systemd's fdname_is_valid.
    assert.match(name ?? '', /^[ -9;-~]{1,255}$/);
    const known = parseStoredName(name ?? '');
    const parsed = [known?.origin, known?.name, ...(known?.path ? [known.path] : [])].join(' ');
    assert.equal(parsed, expected);
  }
});

test('two sockets of one port have different names', () => {
  const names = ['127.0.0.1', '::1'].map((host) => storedName(socket({ ...openedAs(80), host })));
  assert.equal(new Set(names).size, 2);
});

test('a socket is not stored if it is inherited, private to a worker, or has a long path', () => {
  assert.equal(storedName(socket({ origin: 'inherited' })), null);
  assert.equal(storedName(socket(openedAs(0))), null);
  assert.equal(storedName(socket({ path: `/${'ü'.repeat(50)}` })), null);
});

test('a name of another form is not recognized', () => {
  const others = ['', 'web', 'graceful-run', 'graceful-run/given', 'graceful-run/given/web'];
  for (const name of [...others, 'graceful-run/odd/web/', 'graceful-run/given/%zz/']) {
    assert.equal(parseStoredName(name), null, name);
  }
});
