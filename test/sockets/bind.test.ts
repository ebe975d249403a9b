// Binds real sockets that do not accept, and meets each reason why one cannot be bound.
import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StartError } from '../../src/errors.js';
import { bindGiven } from '../../src/sockets/bind.js';
import { describeSocket } from '../../src/sockets/held-socket.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { bind } from '../helpers/sockets/held-socket.js';
import { takePort } from '../helpers/sockets/ports.js';
import { scratch } from '../helpers/supervisor.js';

const noIPv6 = !Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

/** `open`, or the code of the error. */
function tryConnect(to: NetConnectOpts): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(to);
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? ''));
    socket.once('connect', () => {
      socket.destroy();
      resolve('open');
    });
  });
}

async function refuses(what: Promise<unknown>, message: RegExp, hint: RegExp | null) {
  await assert.rejects(what, (error) => {
    assert.ok(error instanceof StartError, String(error));
    assert.match(error.message, message);
    if (hint === null) assert.equal(error.hint, undefined);
    else assert.match(error.hint ?? '', hint);
    return error.exitCode === 1 && !error.message.includes('\n');
  });
}

test('each form of address is bound, and refuses connections until a worker listens', async (t) => {
  const rows: [text: string, described: RegExp, host: string | null][] = [
    ['127.0.0.1:0', /^127\.0\.0\.1:\d+$/, '127.0.0.1'],
    ['0.0.0.0:0', /^0\.0\.0\.0:\d+$/, '0.0.0.0'],
    ...(noIPv6
      ? ([[':0', /^0\.0\.0\.0:\d+$/, '0.0.0.0']] as [string, RegExp, string][])
      : ([
          [':0', /^:\d+$/, '::'],
          ['[::]:0?v6only', /^:\d+$/, '::'],
          ['[::1]:0', /^\[::1\]:\d+$/, '::1'],
        ] as [string, RegExp, string][])),
  ];
  for (const [text, described, host] of rows) {
    const socket = await bind(t, text);
    assert.match(describeSocket(socket), described, text);
    assert.ok(socket.port && socket.fd >= 3, text);
    assert.deepEqual([socket.host, socket.path, socket.origin], [host, null, 'given']);
    assert.equal(await tryConnect({ port: socket.port, host: '127.0.0.1' }), 'ECONNREFUSED');
  }
});

test('a port that is taken is an error at once, and never another port', async (t) => {
  const port = await takePort(t);
  const message = new RegExp(`^cannot listen on 127.0.0.1:${port}: EADDRINUSE: `);
  await refuses(bind(t, `127.0.0.1:${port}`), message, new RegExp(`ss -ltnp 'sport = :${port}'`));
  // Also when only one of the two protocols is taken.
  await refuses(bind(t, `:${port}`), /EADDRINUSE/, /ss -ltnp/);
});

test('an address that this machine does not have is an error with a hint', async (t) => {
  await refuses(bind(t, '192.0.2.1:0'), /192\.0\.2\.1:0: EADDRNOTAVAIL/, /ip addr/);
});

test('a unix socket has its path, a spare path and the mode of the spec', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'app.sock');
  const socket = await bind(t, `unix:${path}?mode=660`);
  const { ino, mode } = lstatSync(path);
  assert.deepEqual(readdirSync(directory).sort(), ['.app.sock.graceful-run', 'app.sock']);
  assert.equal(lstatSync(join(directory, '.app.sock.graceful-run')).ino, ino);
  assert.equal(mode & 0o777, 0o660);
  assert.deepEqual([socket.inode, socket.path, socket.port], [ino, path, null]);
  assert.equal(describeSocket(socket), `unix:${path}`);
  assert.equal(await tryConnect({ path }), 'ECONNREFUSED');
});

test('the owner of a unix socket is set by number or by name', async (t) => {
  const directory = scratch(t);
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const rows: [owner: string, uid: number, gid: number][] = [
    [`${uid}`, uid, gid],
    [`:${gid}`, uid, gid],
    ...(uid === 0
      ? ([
          ['1:2', 1, 2],
          ['root:root', 0, 0],
        ] as [string, number, number][])
      : []),
  ];
  for (const [i, [owner, user, group]] of rows.entries()) {
    const { path } = await bind(t, `unix:${directory}/${i}?owner=${owner}`);
    const found = lstatSync(path ?? '');
    assert.deepEqual([found.uid, found.gid], [user, group], owner);
  }
  const nobody = bind(t, `unix:${directory}/x?owner=no-such-user-here`);
  await refuses(nobody, /there is no user no-such-user-here/, null);
  const no = bind(t, `unix:${directory}/x?owner=:no-such-group`);
  await refuses(no, /there is no group no-such-group/, null);
  const left = readdirSync(directory).filter((name) => !/^(\d|\.\d\.graceful-run)$/.test(name));
  assert.deepEqual(left, []);
});

test('a path that is in use is refused', async (t) => {
  const file = join(scratch(t), 'file');
  writeFileSync(file, 'precious');
  await refuses(bind(t, `unix:${file}`), /a file that is not a socket is there$/, null);
  assert.equal(readFileSync(file, 'utf8'), 'precious');
});

test('a path in a missing directory, below a file or too long is refused', async (t) => {
  const directory = scratch(t);
  const missing = join(directory, 'no', 'app.sock');
  await refuses(
    bind(t, `unix:${missing}`),
    /no\/app\.sock: there is no \S+\/no$/,
    /create it first/,
  );
  writeFileSync(join(directory, 'file'), '');
  await refuses(
    bind(t, `unix:${directory}/file/app.sock`),
    /file\/app\.sock: \S+: not a directory$/,
    null,
  );

  // Node up to 22 would cut the name off and listen on what is left.
  const spec = parseListenSpec('unix:/short');
  const path = join(directory, 'x'.repeat(107 - directory.length));
  const long = { ...spec, address: { kind: 'unix' as const, path } };
  await refuses(bindGiven(long, 'web'), /the path is too long$/, null);
  assert.deepEqual(readdirSync(directory), ['file']);
});
