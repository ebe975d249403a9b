// Descriptors as a real child sees them: really passed, LISTEN_PID set by a shell that becomes the child.
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

/** What the child finds, with these variables on top, each set in turn. */
async function ask(fds: readonly number[], variables: readonly NodeJS.ProcessEnv[]) {
  const { stdout, stderr } = await run(
    `const more = ${JSON.stringify(variables)};
    console.log(JSON.stringify(more.map((one) => lib.listenFds({ env: { ...process.env, ...one } }))));`,
    { before: SHELL, fds },
  );
  assert.equal(stderr, '');
  return JSON.parse(stdout) as ListenFds[];
}

const named = ({ fds }: ListenFds) => fds.map(({ fd, name, kind }) => `${fd} ${name} ${kind}`);

test('each descriptor has its name, and what it is', async (t) => {
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
    '3 web listener',
    '4 web listener',
    '5  listener',
    '6 udp datagram',
    '7 a file other',
  ]);
  assert.deepEqual(named(one as ListenFds), ['3 unknown listener']);
});

test('what is not ours, or not right, is left alone, and said when it is wrong', async (t) => {
  const fd = await listen(t, { port: 0, host: '127.0.0.1' });
  const cases: [NodeJS.ProcessEnv, RegExp | null][] = [
    [{}, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '1' }, null],
    [{ LISTEN_FDS: '1', LISTEN_PID: '' }, /LISTEN_PID= is no pid/],
    [{ LISTEN_FDS: '1', LISTEN_PID: '12x' }, /LISTEN_PID=12x is no pid/],
    [{ LISTEN_FDS: '' }, /LISTEN_FDS= is no number of descriptors/],
    [{ LISTEN_FDS: '0' }, /is no number/],
    [{ LISTEN_FDS: '-1' }, /is no number/],
    [{ LISTEN_FDS: '1.5' }, /is no number/],
    [{ LISTEN_FDS: '2147483647' }, /is no number/],
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

test('as pid 1 of its own namespace, the pid that systemd 257 gives is ours', () => {
  const env = { LISTEN_FDS: '1', LISTEN_PID: '132', SYSTEMD_EXEC_PID: '132' };
  // Whether 3 is open here does not matter: the question is who is meant.
  const meant = (more: NodeJS.ProcessEnv, pid: number) =>
    listenFds({ env: { ...env, LISTEN_FDS: 'x', ...more }, pid }).problem !== null;
  assert.ok(meant({}, 1));
  assert.ok(meant({}, 132));
  assert.ok(!meant({}, 2));
  assert.ok(!meant({ SYSTEMD_EXEC_PID: '133' }, 1));
});

test('removed variables reach no child, descriptors neither, and the notifier still works', async (t) => {
  const receiver = await receive(t);
  const told = await run(
    `import { execFileSync } from 'node:child_process';
    const { fds, problem } = lib.listenFds({ unset: true });
    const left = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
    const child = execFileSync('/bin/sh', ['-c', 'env | grep ^LISTEN_; for i in 3 4; do [ -e /proc/self/fd/$i ] || echo no $i; done'], { encoding: 'utf8' });
    console.log(JSON.stringify({ fds, problem, left, child: child.split('\\n'),
      again: lib.listenFds(), transport: lib.transport(), ready: await lib.ready() }));`,
    {
      before: ['python3', fixture('open-file.py'), receiver.path],
      env: { LISTEN_PIDFDID: '7', NOTIFY_SOCKET: receiver.path },
    },
  );
  const { fds, problem, left, child, again, transport, ready } = JSON.parse(told.stdout);
  assert.deepEqual(fds, [
    { fd: 3, name: 'null', kind: 'other' },
    { fd: 4, name: 'notify', kind: 'datagram' },
  ]);
  assert.equal(problem, null);
  assert.deepEqual(left, []);
  assert.deepEqual(child, ['no 3', 'no 4', '']);
  assert.deepEqual(again, { fds: [], problem: null });
  assert.deepEqual([transport, ready], ['fd', true]);
  assert.equal((await receiver.next()).text, 'READY=1');
});

test('variables are removed also when they are not ours', () => {
  const env = {
    LISTEN_PID: '1',
    LISTEN_FDS: '1',
    LISTEN_FDNAMES: 'a',
    LISTEN_PIDFDID: '7',
    A: 'b',
  };
  assert.deepEqual(listenFds({ env, pid: 2, unset: true }), { fds: [], problem: null });
  assert.deepEqual(env, { A: 'b' });
});

test('a listener that bears the name of the notify socket is not written to', async (t) => {
  const fd = await listen(t, { port: 0, host: '127.0.0.1' });
  const { stdout } = await run(`console.log(lib.transport());`, {
    before: SHELL,
    fds: [fd],
    env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'notify' },
  });
  assert.equal(stdout, 'none\n');
});
