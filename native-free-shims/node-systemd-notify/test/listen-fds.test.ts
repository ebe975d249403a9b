// Descriptors that are really passed to a child, with LISTEN_PID set by a shell that becomes the child.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer, type ListenOptions } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ListenFds, listenFds } from '../src/index.js';
import { fixture, receive, run, scratch } from './helpers/receiver.js';

const SHELL = ['/bin/sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'];

async function listen(t: TestContext, at: ListenOptions): Promise<number> {
  const server = createServer().listen(at);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}

async function bindUdp(t: TestContext): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const state = Object.getOwnPropertySymbols(socket).find(
    (one) => String(one) === 'Symbol(state symbol)',
  );
  return (
    (socket as unknown as Record<symbol, { handle: { fd: number } }>)[state as symbol]?.handle.fd ??
    -1
  );
}

/** The results of a child for each of these sets of variables. */
async function ask(fds: readonly number[], variables: readonly NodeJS.ProcessEnv[]) {
  const { stdout, stderr } = await run(
    `const more = ${JSON.stringify(variables)};
    console.log(JSON.stringify(more.map((one) => lib.listenFds({ env: { ...process.env, ...one } }))));`,
    { before: SHELL, fds },
  );
  assert.equal(stderr, '');
  return JSON.parse(stdout) as ListenFds[];
}

const named = ({ fds }: ListenFds) =>
  fds.map(({ fd, name, kind, address }) => {
    const where = address === null ? 'null' : 'host' in address ? address.host : 'path';
    return `${fd} ${name} ${kind} ${where}`;
  });

test('each descriptor is described by name, kind and address', async (t) => {
  const fds = [
    await listen(t, { port: 0, host: '127.0.0.1' }),
    await listen(t, { port: 0, host: '::1' }),
    await listen(t, { path: join(scratch(t), 'sock') }),
    await bindUdp(t),
    openSync('/dev/null', 'r'),
  ];
  const [five, one] = await ask(fds, [
    { LISTEN_FDS: '5', LISTEN_FDNAMES: 'web:web::udp:a file' },
    { LISTEN_FDS: '1' },
  ]);
  assert.equal(five?.problem, null);
  assert.deepEqual(named(five as ListenFds), [
    '3 web listener 127.0.0.1',
    '4 web listener ::1',
    '5  listener path',
    '6 udp datagram 127.0.0.1',
    '7 a file other null',
  ]);
  assert.deepEqual(named(one as ListenFds), ['3 unknown listener 127.0.0.1']);
});

test('variables for another process are ignored, and malformed ones are reported', async (t) => {
  const fd = await listen(t, { port: 0, host: '127.0.0.1' });
  const cases: [NodeJS.ProcessEnv, RegExp | null][] = [
    [{}, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '1' }, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '' }, /LISTEN_PID= is not a pid/],
    [{ LISTEN_FDS: '1', LISTEN_PID: '12x' }, /LISTEN_PID=12x is not a pid/],
    [{ LISTEN_FDS: '' }, /LISTEN_FDS= is not a number of descriptors/],
    [{ LISTEN_FDS: '0' }, /is not a number/],
    [{ LISTEN_FDS: '-1' }, /is not a number/],
    [{ LISTEN_FDS: '1.5' }, /is not a number/],
    [{ LISTEN_FDS: '2147483647' }, /is not a number/],
    [{ LISTEN_FDS: '2147483644' }, /descriptor \d+ is not open/],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:b' }, /LISTEN_FDS=1, but there are 2 names/],
    [{ LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:' }, /2 names/],
  ];
  const answers = await ask(
    [fd],
    cases.map(([env]) => env),
  );
  for (const [i, [env, problem]] of cases.entries()) {
    const answer = answers[i] as ListenFds;
    assert.deepEqual(answer.fds, [], JSON.stringify(env));
    if (problem) assert.match(answer.problem ?? '', problem);
    else assert.equal(answer.problem, null, JSON.stringify(env));
  }
});

test('pid 1 of a namespace accepts the outer pid that systemd 257 gives', () => {
  const env = { LISTEN_FDS: '1', LISTEN_PID: '132', SYSTEMD_EXEC_PID: '132' };
  // Whether 3 is open here does not matter: the question is who is meant.
  const meant = (more: NodeJS.ProcessEnv, pid: number) =>
    listenFds({ env: { ...env, LISTEN_FDS: 'x', ...more }, pid }).problem !== null;
  assert.ok(meant({}, 1));
  assert.ok(meant({}, 132));
  assert.ok(!meant({}, 2));
  assert.ok(!meant({ SYSTEMD_EXEC_PID: '133' }, 1));
});

test('no child gets the descriptors, and the notifier takes the one that is for it', async (t) => {
  const receiver = await receive(t);
  const { stdout } = await run(
    `import { execFileSync } from 'node:child_process';
    const { fds, problem } = lib.listenFds();
    const child = execFileSync('/bin/sh', ['-c', 'for i in 3 4; do [ -e /proc/self/fd/$i ] || echo no $i; done'], { encoding: 'utf8' });
    const notifier = lib.createNotifier();
    console.log(JSON.stringify({ fds, problem, child: child.split('\\n'),
      transport: notifier.transport, ready: await notifier.ready() }));`,
    {
      before: ['python3', fixture('open-file.py'), receiver.path],
      env: { NOTIFY_SOCKET: receiver.path },
    },
  );
  assert.deepEqual(JSON.parse(stdout), {
    fds: [
      { fd: 3, name: 'null', kind: 'other', address: null },
      { fd: 4, name: 'notify', kind: 'datagram', address: { path: '' } },
    ],
    problem: null,
    child: ['no 3', 'no 4', ''],
    transport: 'fd',
    ready: true,
  });
  assert.equal((await receiver.next()).text, 'READY=1');
});

test('the notifier does not write to a listener named like the notify socket', async (t) => {
  const fd = await listen(t, { port: 0, host: '127.0.0.1' });
  const { stdout } = await run(`console.log(lib.createNotifier().transport);`, {
    before: SHELL,
    fds: [fd],
    env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' },
  });
  assert.equal(stdout, 'none\n');
});
