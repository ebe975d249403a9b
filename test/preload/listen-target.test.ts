// Which socket of the master a call of listen() gets, by tables. The calls are made to a real server, so
// the options are those that this Node makes of them.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { Target, WireSocket } from '../../src/ipc-protocol.js';
import { root } from '../helpers/paths.js';

type Found = Target | { readonly fd: number };

const { targetOf, match } = createRequire(import.meta.url)(
  join(root, 'native-free-shims/preload/listen-target.cjs'),
) as {
  targetOf(options: unknown): Found | null;
  match(sockets: readonly object[], target: Found, nth?: number): WireSocket | undefined;
};

const CHANNEL = 'tracing:net.server.listen:asyncStart';
/** Thrown from the app's own validation, so that nothing is bound. */
const refused = () => {};

/** What `server.listen(...args)` names, seen where the preload sees it. */
function targetOfCall(args: readonly unknown[]): Found | null | undefined {
  let found: Found | null | undefined;
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

test('what a call of listen() names', () => {
  const any: Found = { port: 0, host: null };
  const rows: [args: unknown[], target: Found][] = [
    [[], any],
    [[refused], any],
    [[null], any],
    [[undefined, refused], any],
    [[0], any],
    [['0'], any],
    [[0, '127.0.0.1'], { port: 0, host: '127.0.0.1' }],
    [[0, '', 5], any],
    [[0, 511, refused], any],
    [[{ port: 0, host: '::1', backlog: 5 }], { port: 0, host: '::1' }],
    [['/nowhere/app.sock'], { path: '/nowhere/app.sock', named: '/nowhere/app.sock' }],
    [['nowhere/a.sock'], { path: resolve('nowhere/a.sock'), named: 'nowhere/a.sock' }],
    [[{ path: '/nowhere/../nowhere/a' }], { path: '/nowhere/a', named: '/nowhere/../nowhere/a' }],
    [[{ fd: 99 }], { fd: 99 }],
  ];
  for (const [args, target] of rows) assert.deepEqual(targetOfCall(args), target, String(args[0]));
});

test('options by themselves', () => {
  class Pipe {}
  class TCP {}
  const rows: [options: unknown, target: Found | null][] = [
    [{ port: 3000 }, { port: 3000, host: null }],
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
    [
      { fd: '3', port: 3000 },
      { port: 3000, host: null },
    ],
    [{ path: '\0abstract' }, { path: '\0abstract', named: '\0abstract' }],
    // Node refuses these itself.
    [{ port: 65536 }, null],
    [{ port: -1 }, null],
    [{ port: 1.5 }, null],
    [{ port: 'http' }, null],
    [{ port: true }, null],
    // Sockets that are there already, and no business of ours.
    [{ _handle: {} }, null],
    [{ handle: {} }, null],
    [new Pipe(), null],
    [new TCP(), null],
    [null, null],
    [undefined, null],
    ['/path', null],
  ];
  for (const [options, target] of rows) {
    assert.deepEqual(targetOf(options), target, JSON.stringify(options));
  }
});

const nowhere = { fd: 3, host: null, port: null, path: null, spare: null, for: null, asked: null };
const at = (port: number, more: Partial<WireSocket> = {}) => ({
  ...nowhere,
  host: '::',
  port,
  ...more,
});
const to = (port: number, host: string | null = null): Target => ({ port, host });
const asked = (port: number, host: string | null, nth?: number) => ({
  asked: { port, host, ...(nth === undefined ? {} : { nth }) },
});

test('which socket that is: ports', () => {
  const used = { used: true };
  const rows: [name: string, sockets: object[], target: Found, expected: number, nth?: number][] = [
    ['nothing is held', [], to(80), -1],
    ['the port', [at(80), at(81)], to(81), 1],
    ['another port', [at(80)], to(81), -1],
    ['the host if there is a choice', [at(80), at(80, { host: '::1' })], to(80, '::1'), 1],
    ['any host if there is none', [at(80)], to(80, '127.0.0.1'), 0],
    ['not one that is taken', [{ ...at(80), ...used }, at(80)], to(80), 1],
    ['what it stands for', [at(3000), at(80, { for: { port: 3000 } })], to(3000), 1],
    ['not where it is, when it stands for another', [at(80, { for: { port: 3000 } })], to(80), -1],
    [
      'the host among those that stand for it',
      [at(80, { for: { port: 1 } }), at(81, { host: '::1', for: { port: 1 } })],
      to(1, '::1'),
      1,
    ],
    ['an adopted one: the very call', [at(80, asked(80, 'localhost'))], to(80, 'localhost'), 0],
    ['an adopted one: no other call', [at(80, asked(80, 'localhost'))], to(80), -1],
    ['a port that the kernel chose', [at(41, asked(0, null, 0))], to(41), 0],
    ['port 0: none that was given', [at(80)], to(0), -1, 0],
    ['port 0: one that stands for it', [at(80, { for: { port: 0 } })], to(0), 0, 0],
    ['port 0: in order', [at(41, asked(0, null, 0)), at(42, asked(0, null, 1))], to(0), 1, 1],
    ['port 0: no more than there were', [at(41, asked(0, null, 0))], to(0), -1, 1],
    ['a unix socket has no port', [{ ...nowhere, path: '/a' }], to(0), -1, 0],
  ];
  for (const [name, sockets, target, expected, nth] of rows) {
    assert.equal(match(sockets, target, nth), sockets[expected], name);
  }
});

test('which socket that is: paths and descriptors', () => {
  const path = (path: string, more: object = {}) => ({ ...nowhere, path, ...more });
  const named = (named: string): Target => ({ path: resolve('/srv/2', named), named });
  const opened = { asked: { path: '/srv/1/app.sock', named: 'app.sock' } };
  const stands = { for: { path: './app.sock' } };
  const rows: [name: string, sockets: object[], target: Found, expected: number][] = [
    ['the path', [path('/run/a'), path('/run/b')], named('/run/b'), 1],
    ['no other path', [path('/run/a')], named('/run/b'), -1],
    ['what it stands for, as written', [path('/run/a', stands)], named('./app.sock'), 0],
    [
      'what it stands for, resolved',
      [path('/run/a', { for: { path: '/srv/2/app.sock' } })],
      named('app.sock'),
      0,
    ],
    ['not where it is, when it stands for another', [path('/run/a', stands)], named('/run/a'), -1],
    ['an adopted one in another release', [path('/srv/1/app.sock', opened)], named('app.sock'), 0],
    ['a port is no path', [at(80)], named('80'), -1],
    [
      'the descriptor',
      [
        { ...at(80), fd: 3 },
        { ...at(81), fd: 4 },
      ],
      { fd: 4 },
      1,
    ],
    ['no such descriptor', [at(80)], { fd: 4 }, -1],
    ['a descriptor that is taken', [{ ...at(80), used: true }], { fd: 3 }, -1],
  ];
  for (const [name, sockets, target, expected] of rows) {
    assert.equal(match(sockets, target), sockets[expected], name);
  }
});
