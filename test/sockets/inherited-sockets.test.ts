// LISTEN_FDS as a real child sees it: descriptors that were really passed, LISTEN_PID set by a shell.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { NewSocket } from '../../src/sockets/held-socket.js';
import { inherit } from '../../src/sockets/inherited-sockets.js';
import { bind } from '../helpers/sockets/held-socket.js';
import { cleanEnvironment, scratch } from '../helpers/supervisor.js';

type Told = { sockets: NewSocket[]; remarks: string[] };

/** Prints what `inherit` finds, once for each set of variables that come on top. */
const CHILD = `
import { inherit } from ${JSON.stringify(new URL('../../src/sockets/inherited-sockets.js', import.meta.url).href)};
const { pid, env } = process;
const told = JSON.parse(process.argv[1]).map((more) => {
  const remarks = [];
  return { sockets: inherit({ ...env, ...more }, pid, (text) => remarks.push(text)), remarks };
});
console.log(JSON.stringify(told));
`;

/** Each element of `variables` is one question to the same child, which has `fds` from 3 on. */
async function ask(fds: readonly number[], variables: readonly NodeJS.ProcessEnv[]) {
  const args = ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, '--input-type=module'];
  const child = spawn('/bin/sh', [...args, '-e', CHILD, JSON.stringify(variables)], {
    env: { ...cleanEnvironment(), LISTEN_FDS: String(fds.length) },
    stdio: ['ignore', 'pipe', 'inherit', ...fds],
  });
  let text = '';
  for await (const chunk of child.stdout ?? []) text += chunk;
  return JSON.parse(text) as Told[];
}

async function listen(t: TestContext, at: { port: number; host: string } | { path: string }) {
  const server: Server = createServer().listen(at);
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  return { fd, port: typeof address === 'string' ? 0 : (address?.port ?? 0) };
}

const addresses = ({ sockets }: Told) =>
  sockets.map(({ fd, name, host, port, path }) => [fd, name, path ?? `${host}:${port}`]);

test('listeners are taken with name and address, other descriptors are reported', async (t) => {
  const path = join(scratch(t), 'app.sock');
  const tcp = await listen(t, { port: 0, host: '127.0.0.1' });
  const unix = await listen(t, { path });
  const bound = await bind(t, '127.0.0.1:0');
  const file = openSync('/dev/null', 'r');
  const at = `127.0.0.1:${tcp.port}`;
  const [one, several, named, unnamed] = await ask(
    [tcp.fd, file, unix.fd, bound.fd],
    [
      { LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' },
      {},
      { LISTEN_FDNAMES: 'web:log:app:web' },
      { LISTEN_FDS: '1', LISTEN_FDNAMES: '' },
    ],
  );
  assert.ok(one && several && named && unnamed);

  assert.deepEqual(addresses(one), [[3, 'web', at]]);
  assert.deepEqual(one.remarks, []);
  const { origin, inode, sparePath, close } = one.sockets[0] as NewSocket;
  assert.deepEqual([origin, inode, sparePath, close], ['inherited', null, null, null]);

  const nothing = 'it is not a listening socket';
  assert.deepEqual(addresses(several).slice(0, 2), [
    [3, 'unknown', at],
    [5, 'unknown', path],
  ]);
  assert.deepEqual(several.remarks[0], `not passing on descriptor 4 (unknown): ${nothing}`);

  assert.deepEqual(addresses(named).slice(0, 2), [
    [3, 'web', at],
    [5, 'app', path],
  ]);
  assert.deepEqual(named.remarks[0], `not passing on descriptor 4 (log): ${nothing}`);
  assert.deepEqual(addresses(unnamed), [[3, '', at]]);
});

test('a connected socket is reported and not passed on', async (t) => {
  const { fd: listener, port } = await listen(t, { port: 0, host: '127.0.0.1' });
  const client = connect({ port, host: '127.0.0.1' });
  await once(client, 'connect');
  t.after(() => client.destroy());
  const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
  const [told] = await ask([fd, listener], [{ LISTEN_FDNAMES: 'client:web' }]);
  assert.deepEqual(addresses(told as Told), [[4, 'web', `127.0.0.1:${port}`]]);
  assert.deepEqual(told?.remarks, [
    'not passing on descriptor 3 (client): it is not a listening socket',
  ]);
});

test('variables of another process, or that contradict each other, are reported and ignored', () => {
  const { pid } = process;
  const me = String(pid);
  const rows: [NodeJS.ProcessEnv, string[]][] = [
    [{ LISTEN_FDNAMES: 'web' }, []],
    [{ LISTEN_FDS: '1' }, [`ignoring LISTEN_FDS: it is meant for pid (none), not for ${pid}`]],
    [
      { LISTEN_PID: '1', LISTEN_FDS: '1' },
      [`ignoring LISTEN_FDS: it is meant for pid 1, not for ${pid}`],
    ],
    [
      { LISTEN_PID: me, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web' },
      ['ignoring what was passed: LISTEN_FDS=2, but there are 1 names in LISTEN_FDNAMES'],
    ],
  ];
  for (const [env, remarks] of rows) {
    const told: string[] = [];
    assert.deepEqual(
      inherit(env, pid, (text) => told.push(text)),
      [],
    );
    assert.deepEqual(told, remarks);
  }
});
