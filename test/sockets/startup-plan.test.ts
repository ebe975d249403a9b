// Which passed socket serves which --listen, and what is left over.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { HeldSocket } from '../../src/sockets/held-socket.js';
import type { StoredSocket } from '../../src/sockets/inherited-sockets.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { openPlan, planSockets } from '../../src/sockets/startup-plan.js';
import { freePort } from '../helpers/sockets/free-port.js';
import { takePort } from '../helpers/sockets/ports.js';
import { scratch } from '../helpers/supervisor.js';

let fds = 900;

function passed(
  origin: HeldSocket['origin'],
  name: string,
  where: Partial<HeldSocket>,
): HeldSocket {
  fds += 1;
  return {
    ...{ id: 71, name, origin, fd: fds, host: null, port: null, path: null, backlog: 9 },
    ...{ sparePath: null, inode: null, appAddress: null, openedAs: null, close: null, ...where },
  };
}

const stored = (socket: HeldSocket): StoredSocket => ({ storedAs: `as ${socket.name}`, socket });
const any = { host: '::', port: 80 };

async function open(
  t: TestContext,
  specs: readonly string[],
  sockets: readonly HeldSocket[],
  left: readonly HeldSocket[] = [],
) {
  const inherited = { sockets, stored: left.map(stored), remarks: [] };
  const plan = planSockets(specs.map(parseListenSpec), inherited);
  const opened = { ...(await openPlan(plan)), unwanted: plan.unwanted };
  t.after(() => {
    for (const socket of opened.held) if (socket.fd < 900) socket.close?.();
  });
  return opened;
}

const told = (held: readonly HeldSocket[]) =>
  held.map(
    ({ id, name, origin, fd }) => `${id} ${name} ${origin} ${fd > 900 ? 'passed' : 'bound'}`,
  );

test('a passed socket serves the --listen with its address, under the name given there', async (t) => {
  const rows: [string, Partial<HeldSocket>][] = [
    ['web=:80', any],
    ['web=:80', { host: '0.0.0.0', port: 80 }],
    ['web=127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['web=[::1]:80', { host: '::1', port: 80 }],
    ['web=unix:/run/a.sock', { path: '/run/a.sock' }],
  ];
  for (const [spec, where] of rows) {
    const unit = await open(t, [spec], [passed('inherited', 'app.socket', where)]);
    assert.deepEqual(told(unit.held), ['1 web inherited passed'], spec);
    const store = await open(t, [spec], [], [passed('given', 'old', where)]);
    assert.deepEqual(told(store.held), ['1 web given passed'], spec);
    assert.deepEqual([...store.storedAs], [[1, 'as old']]);
    assert.deepEqual(store.unwanted, []);
  }
});

test('a passed socket gets the options of its --listen', async (t) => {
  const [socket] = (
    await open(t, [':80?for=3000&backlog=7'], [passed('inherited', 'app.socket', any)])
  ).held;
  assert.deepEqual(
    [socket?.name, socket?.appAddress, socket?.backlog],
    ['app.socket', { port: 3000 }, 7],
  );
});

test('an address that no passed socket has is bound, and the passed sockets are held too', async (t) => {
  const path = join(scratch(t), 'a.sock');
  const specs = ['127.0.0.1:0', `unix:${path}`];
  const others = [
    passed('inherited', 'a', { host: '127.0.0.2', port: 80 }),
    passed('inherited', 'b', { host: '127.0.0.1', port: 81 }),
    passed('inherited', 'c', { path: '/run/c.sock' }),
  ];
  const { held } = await open(t, specs, others);
  assert.deepEqual(told(held), [
    ...['1 a inherited passed', '2 b inherited passed', '3 c inherited passed'],
    ...['4 socket-1 given bound', '5 socket-2 given bound'],
  ]);
});

test('stored sockets that apps opened are kept, and given ones without a --listen are given up', async (t) => {
  const old = [
    passed('adopted', '3000', { host: '::', port: 3000 }),
    passed('given', 'gone', { host: '::', port: 9000 }),
  ];
  const { held, unwanted, storedAs } = await open(t, [], [], old);
  assert.deepEqual(told(held), ['1 3000 adopted passed']);
  assert.deepEqual([...storedAs], [[1, 'as 3000']]);
  assert.deepEqual(
    unwanted.map((one) => one.storedAs),
    ['as gone'],
  );
});

test('a --listen takes over a stored socket that an app opened', async (t) => {
  const old = [passed('adopted', '3000', { host: '::', port: 3000 })];
  const { held } = await open(t, [':3000'], [], old);
  assert.deepEqual(told(held), ['1 socket-1 given passed']);
});

test('a stored socket on the port of a new address is given up, and the address is bound', async (t) => {
  const port = freePort(t);
  const old = [passed('adopted', 'app', { host: '::', port })];
  const { held, unwanted } = await open(t, [`127.0.0.1:${port}`], [], old);
  assert.deepEqual(told(held), ['1 socket-1 given bound']);
  assert.equal(unwanted.length, 1);
});

test('a --listen for port 0 gets its stored socket back by its name', async (t) => {
  const old = [passed('given', 'web', { host: '::', port: 41234 })];
  const { held } = await open(t, ['web=:0'], [], old);
  assert.deepEqual(
    held.map(({ port, fd }) => [port, fd > 900]),
    [[41234, true]],
  );
});

test('two passed sockets with one name serve one --listen each', async (t) => {
  const units = [
    passed('inherited', 'app.socket', { host: '127.0.0.1', port: 80 }),
    passed('inherited', 'app.socket', { host: '::1', port: 80 }),
  ];
  const { held } = await open(t, ['six=[::1]:80', 'four=127.0.0.1:80'], units);
  assert.deepEqual(told(held), ['1 four inherited passed', '2 six inherited passed']);
});

test('if one socket cannot be bound, those that were bound before are closed', async (t) => {
  const path = join(scratch(t), 'a.sock');
  const taken = `127.0.0.1:${await takePort(t)}`;
  await assert.rejects(open(t, [`unix:${path}`, taken], []), /EADDRINUSE/);
  assert.equal(existsSync(path), false);
});
