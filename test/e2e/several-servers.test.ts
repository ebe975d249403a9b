// One app with several servers, none of which the command line names: each generation gets them all.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../helpers/client.js';
import { eventually } from '../helpers/eventually.js';
import { fixture, node } from '../helpers/paths.js';
import { answers } from '../helpers/polling-client.js';
import { converse, exchange } from '../helpers/raw-http-client.js';
import { startServing } from '../helpers/serving.js';
import { freePort } from '../helpers/sockets/free-port.js';
import { type Supervisor, scratch, startSupervisor } from '../helpers/supervisor.js';
import { gone, pidOf, served, throughGenerations } from '../helpers/wait-generation.js';

function start(t: TestContext, listenOn: readonly object[], how = '', args: string[] = []) {
  const env = { LISTEN_ON: JSON.stringify(listenOn), HOW: how };
  const command = ['--', node, fixture('listens-on.mjs')];
  return startSupervisor(t, [...args, ...command], { env });
}

/** Each server answers under its number, and in each generation at the same address. */
const replaceTwice = (master: Supervisor, addresses: readonly string[]) =>
  throughGenerations(master, 3, async (generation) => {
    for (const [i, address] of addresses.entries()) {
      // A late one of the first generation is not there yet when that one serves.
      await answers(address, new RegExp(`^${i} \\d+ ${generation}$`));
    }
  });

const host = '127.0.0.1';

/** What the app listens on, two ports and a path, and the addresses that the master then holds. */
const layouts: readonly (readonly [
  what: string,
  listenOn: (a: number, b: number, path: string) => object[],
  held: (a: number, b: number, path: string) => string[],
  how?: string,
  args?: (a: number) => string[],
])[] = [
  [
    'a port, a host and port, and a path',
    (a, b, path) => [{ port: a }, { host, port: b }, { path }],
    (a, b, path) => [`:${a}`, `${host}:${b}`, `unix:${path}`],
  ],
  ...['frozen', 'reused', 'late'].map(
    (how) =>
      [
        `options that are ${how}`,
        (a: number, b: number) => [
          { host, port: a },
          { host, port: b },
        ],
        (a: number, b: number) => [`${host}:${a}`, `${host}:${b}`],
        how,
      ] as const,
  ),
  [
    'one by --listen, the other opened by the app',
    (a, b) => [{ port: a }, { port: b }],
    (a, b) => [`:${a}`, `:${b}`],
    '',
    (a) => ['--listen', `web=:${a}`],
  ],
  [
    'several workers share a port and a path that they open',
    (a, _b, path) => [{ port: a }, { path, writableAll: true }],
    (a, _b, path) => [`:${a}`, `unix:${path}`],
    '',
    () => ['--workers', '3'],
  ],
];

for (const [what, listenOn, held, how, args] of layouts) {
  test(what, async (t) => {
    const places = [freePort(t), freePort(t), join(scratch(t), 'app.sock')] as const;
    const master = start(t, listenOn(...places), how, args?.(places[0]));
    await replaceTwice(master, held(...places));
    const { sockets } = await master.settled(3);
    assert.deepEqual(sockets.map(({ address }) => address).sort(), held(...places).sort());
  });
}

test('port 0 twice: the order of the calls tells them apart', async (t) => {
  const master = start(t, [{ port: 0 }, { port: 0 }]);
  await eventually('both are there', async () => (await served(master)).sockets.length === 2);
  const status = await master.status();
  const addresses = [addressOf(status, 0), addressOf(status, 1)];
  for (const generation of [2, 3]) {
    // The predecessor stays until both are there. Without it the master would not know whether a server on
    // port 0 is late, or no part of the app any more.
    const staying = await converse(t, addresses[0] ?? '');
    await exchange(staying);
    master.signal('SIGHUP');
    await served(master, generation);
    for (const [i, address] of addresses.entries()) {
      await answers(address, new RegExp(`^${i} \\d+ ${generation}$`));
    }
    staying.socket.destroy();
    await gone(master, await pidOf(master, generation - 1));
  }
});

test('a server that the app closed for good leaves its port to others', async (t) => {
  const { master, address } = await startServing(t, 'opens-on-request.mjs');
  const port = await get(address, '/open');
  assert.equal((await master.status()).sockets.length, 2);
  assert.equal(await get(address, '/close'), 'closed');
  await eventually(
    'the master has let it go',
    () => master.status(),
    ({ sockets }) => sockets.length === 1,
  );
  const other = createServer().listen(Number(port));
  t.after(() => other.close());
  await once(other, 'listening');
});
