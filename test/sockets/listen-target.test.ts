// Which socket of the master a call of listen() gets, by tables. The calls are made to a real server, so
// the options are those that this Node makes of them.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type Server } from 'node:net';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { SharedSocket } from '../../src/ipc-protocol.js';
import { findSocket, type NamedTarget, targetOf } from '../../src/sockets/listen-target.js';

const CHANNEL = 'tracing:net.server.listen:asyncStart';
/** Thrown from the app's own validation, so that nothing is bound. */
const refused = () => {};

/** What `server.listen(...args)` names, seen where the preload sees it. */
function targetOfCall(args: readonly unknown[]): NamedTarget | null | undefined {
  let found: NamedTarget | null | undefined;
  const see = (message: unknown) => {
    const { options } = message as { options: Record<string, unknown> };
    found = targetOf(options);
  };
  subscribe(CHANNEL, see);
  const server = createServer().on('error', refused);
  try {
    (server.listen as (...all: unknown[]) => Server)(...args);
    server.close();
  } finally {
    unsubscribe(CHANNEL, see);
  }
  return found;
}

test('the address that a call of listen() names is understood in all its forms', () => {
  const any: NamedTarget = { port: 0, host: null };
  const rows: [args: unknown[], target: NamedTarget][] = [
    [[], any],
    [[refused], any],
    [[null], any],
    [[0], any],
    [[0, '127.0.0.1'], { port: 0, host: '127.0.0.1' }],
    [[0, '', 5], any],
    [[{ port: 0, host: '::1', backlog: 5 }], { port: 0, host: '::1' }],
    [['/nowhere/app.sock'], { path: '/nowhere/app.sock', written: '/nowhere/app.sock' }],
    [['nowhere/a.sock'], { path: resolve('nowhere/a.sock'), written: 'nowhere/a.sock' }],
    [[{ path: '/nowhere/../nowhere/a' }], { path: '/nowhere/a', written: '/nowhere/../nowhere/a' }],
    [[{ fd: 99 }], { fd: 99 }],
  ];
  for (const [args, target] of rows) assert.deepEqual(targetOfCall(args), target, String(args[0]));
});

test('options that Node refuses, and handles, name no address', () => {
  class Pipe {}
  const rows: [options: unknown, target: NamedTarget | null][] = [
    [
      { port: '3000', host: '' },
      { port: 3000, host: null },
    ],
    [{ port: '0x50' }, { port: 80, host: null }],
    [
      { port: 3000, path: '/a' },
      { port: 3000, host: null },
    ],
    [{ fd: 0, port: 3000 }, { fd: 0 }],
    [
      { fd: -1, port: 3000 },
      { port: 3000, host: null },
    ],
    [{ path: '\0abstract' }, { path: '\0abstract', written: '\0abstract' }],
    // Node refuses these itself.
    [{ port: 65536 }, null],
    [{ port: 1.5 }, null],
    [{ port: 'http' }, null],
    // These are sockets already.
    [{ _handle: {} }, null],
    [{ handle: {} }, null],
    [new Pipe(), null],
    [null, null],
    ['/path', null],
  ];
  for (const [options, target] of rows) {
    assert.deepEqual(targetOf(options), target, JSON.stringify(options));
  }
});

const nowhere: SharedSocket & { used?: boolean } = {
  ...{ id: 1, fd: 3, host: null, port: null, path: null, sparePath: null, backlog: null },
  ...{ appAddress: null, openedAs: null },
};
type Socket = typeof nowhere;
const at = (port: number, more: Partial<Socket> = {}): Socket => ({
  ...{ ...nowhere, host: '::', port },
  ...more,
});
const to = (port: number, host: string | null = null): NamedTarget => ({ port, host });
/** The call for port 0 with this number in its process, and the socket on `port` that it opened. */
const any = (nth: number) => ({ port: 0, host: null, nth });
const openedByAny = (port: number, nth: number) => at(port, { openedAs: any(nth) });
const opened = (port: number, host: string) => at(port, { openedAs: { port, host } });
/** `--listen 127.0.0.1:<port>?for=<appPort>`. */
const standsFor = (appPort: number, port: number, host = '::') =>
  at(port, { host, appAddress: { port: appPort } });

type Row = [name: string, sockets: Socket[], target: NamedTarget, expected: number];

function assertFound(rows: readonly Row[]): void {
  for (const [name, sockets, target, expected] of rows)
    assert.equal(findSocket(sockets, target), sockets[expected], name);
}

test('a call with a port finds the socket with that port, or the one that stands for it', () => {
  assertFound([
    ['the port', [at(80), at(81)], to(81), 1],
    ['another port', [at(80)], to(81), -1],
    ['the host if there is a choice', [at(80), at(80, { host: '::1' })], to(80, '::1'), 1],
    ['any host if there is none', [at(80)], to(80, '127.0.0.1'), 0],
    ['not one that is in use', [at(80, { used: true }), at(80)], to(80), 1],
    ['what it stands for', [at(3000), standsFor(3000, 80)], to(3000), 1],
    ['not its own port, when it stands for another', [standsFor(3000, 80)], to(80), -1],
    [
      'the host of those that stand for it',
      [standsFor(1, 80), standsFor(1, 81, '::1')],
      to(1, '::1'),
      1,
    ],
    ['an adopted one: the very call', [opened(80, 'localhost')], to(80, 'localhost'), 0],
    ['an adopted one: no other call', [opened(80, 'localhost')], to(80), -1],
    ['a port that the kernel chose', [openedByAny(41, 0)], to(41), 0],
    ['port 0: not a given one', [at(80)], any(0), -1],
    ['port 0: one that stands for it', [standsFor(0, 80)], any(0), 0],
    ['port 0: in order', [openedByAny(41, 0), openedByAny(42, 1)], any(1), 1],
    ['a unix socket has no port', [{ ...nowhere, path: '/a' }], any(0), -1],
  ]);
});

test('a call with a path or a descriptor finds the socket with that path or descriptor', () => {
  const path = (path: string, more: Partial<Socket> = {}) => ({ ...nowhere, path, ...more });
  const named = (written: string): NamedTarget => ({ path: resolve('/srv/2', written), written });
  const openedAs = { path: '/srv/1/app.sock', written: 'app.sock' };
  const stands = { appAddress: { path: './app.sock' } };
  const standsResolved = { appAddress: { path: '/srv/2/app.sock' } };
  assertFound([
    ['the path', [path('/run/a'), path('/run/b')], named('/run/b'), 1],
    ['no other path', [path('/run/a')], named('/run/b'), -1],
    ['what it stands for, as written', [path('/run/a', stands)], named('./app.sock'), 0],
    ['what it stands for, resolved', [path('/run/a', standsResolved)], named('app.sock'), 0],
    ['not its own path, when it stands for another', [path('/run/a', stands)], named('/run/a'), -1],
    [
      'an adopted one in another release',
      [path(openedAs.path, { openedAs })],
      named('app.sock'),
      0,
    ],
    ['the descriptor', [at(80), at(81, { fd: 4 })], { fd: 4 }, 1],
    ['a descriptor that is in use', [at(80, { used: true })], { fd: 3 }, -1],
  ]);
});
