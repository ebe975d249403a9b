// Which passed socket serves which --listen, what is to be bound, and what is left over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeldSocket } from '../../src/sockets/held-socket.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { planSockets } from '../../src/sockets/startup-plan.js';
import { heldSocket } from '../helpers/sockets/held-socket.js';

const any = { host: '::', port: 80 };
const unit = (name: string, where: Partial<HeldSocket>) =>
  heldSocket({ origin: 'inherited', name, host: null, port: null, ...where });
const stored = (origin: 'given' | 'adopted', name: string, where: Partial<HeldSocket>) =>
  heldSocket({ origin, name, storedAs: `as ${name}`, host: null, port: null, ...where });

/** `name origin` of each passed socket that is held, `bind name` for one to bind; and the names that are given up. */
function plan(specs: readonly string[], ...passed: readonly HeldSocket[]) {
  const { sockets, unwanted } = planSockets(specs.map(parseListenSpec), passed);
  return {
    held: sockets.map((one) => ('spec' in one ? `bind ${one.name}` : `${one.name} ${one.origin}`)),
    unwanted: unwanted.map(({ name }) => name),
  };
}

test('a passed socket serves the --listen with its address, under the name given there', () => {
  const rows: [string, Partial<HeldSocket>][] = [
    ['web=:80', any],
    ['web=:80', { host: '0.0.0.0', port: 80 }],
    ['web=127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['web=[::1]:80', { host: '::1', port: 80 }],
    ['web=unix:/run/a.sock', { path: '/run/a.sock' }],
  ];
  for (const [spec, where] of rows) {
    const held = plan([spec], unit('app.socket', where));
    assert.deepEqual(held, { held: ['web inherited'], unwanted: [] }, spec);
    const kept = plan([spec], stored('given', 'old', where));
    assert.deepEqual(kept, { held: ['web given'], unwanted: [] }, spec);
  }
});

test('a passed socket gets the options of its --listen', () => {
  const [spec] = [':80?for=3000&backlog=7'].map(parseListenSpec);
  assert.ok(spec);
  const { sockets } = planSockets([spec], [unit('app.socket', any)]);
  const expected = { ...unit('app.socket', any), appAddress: { port: 3000 }, backlog: 7 };
  assert.deepEqual(sockets, [expected]);
});

test('each passed socket and each --listen has its place', () => {
  const path = { path: '/run/c.sock' };
  const [a, b] = [unit('a', { host: '127.0.0.1', port: 80 }), unit('a', { host: '::1', port: 80 })];
  const rows: [specs: string[], passed: HeldSocket[], held: string[], unwanted?: string[]][] = [
    // An address that no passed socket has is bound, and the passed sockets are held too.
    [
      ['127.0.0.1:0', 'unix:/run/a.sock'],
      [a, unit('c', path)],
      ['a inherited', 'c inherited', 'bind socket-1', 'bind socket-2'],
    ],
    // Of two passed sockets with one name each serves its --listen.
    [
      ['six=[::1]:80', 'four=127.0.0.1:80'],
      [a, b],
      ['four inherited', 'six inherited'],
    ],
    // Stored sockets that apps opened are kept, and given ones without a --listen are given up.
    [[], [stored('adopted', '80', any), stored('given', 'gone', path)], ['80 adopted'], ['gone']],
    // A --listen takes over a stored socket that an app opened.
    [[':80'], [stored('adopted', '80', any)], ['socket-1 given']],
    // A stored socket on the port of a new address is given up, and the address is bound.
    [['127.0.0.1:80'], [stored('adopted', '80', any)], ['bind socket-1'], ['80']],
    // A --listen for port 0 gets its stored socket back by its name, and no other.
    [['web=:0'], [stored('given', 'web', { host: '::', port: 41234 })], ['web given']],
    [[':0'], [stored('given', 'web', { host: '::', port: 41234 })], ['bind socket-1'], ['web']],
  ];
  for (const [specs, passed, held, unwanted = []] of rows) {
    assert.deepEqual(plan(specs, ...passed), { held, unwanted });
  }
});
