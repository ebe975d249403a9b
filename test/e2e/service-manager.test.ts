// The datagrams that the service manager gets from a master, through each transport.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { fixture, node } from '../helpers/paths.js';
import { deploy } from '../helpers/releases/deploy.js';
import { startServing } from '../helpers/serving.js';
import { takePort } from '../helpers/sockets/ports.js';
import { type SupervisorOptions, scratch, startSupervisor } from '../helpers/supervisor.js';
import { type FakeManager, fakeManager } from '../helpers/systemd/fake-manager.js';
import { served } from '../helpers/wait-generation.js';

const APP = 'answers-pid.mjs';
const GOOD = `require('node:http').createServer((_, response) => response.end('ok')).listen(0);`;
const BROKEN = `throw new Error('no database');`;

const RELOADING = 'RELOADING MONOTONIC_USEC STATUS';
const EXTEND = 'EXTEND_TIMEOUT_USEC';
/** The fields of each datagram; test/systemd tells what is in them. */
const STORY = [
  ...['STATUS', EXTEND, 'READY STATUS'],
  ...[RELOADING, EXTEND, 'STATUS', 'READY STATUS', 'STATUS'],
  ...[RELOADING, EXTEND, 'READY STATUS'],
  ...['STOPPING STATUS', EXTEND, 'STATUS'],
];

/** Start, a reload, one that fails, stop. */
async function live(t: TestContext, options: SupervisorOptions): Promise<void> {
  const cwd = scratch(t);
  const release = join(cwd, 'app.cjs');
  deploy(release, GOOD);
  const master = startSupervisor(t, ['--', node, 'app.cjs'], { cwd, ...options });
  await served(master);
  assert.equal((await master.client('reload')).status, 0);
  await master.settled(2);
  deploy(release, BROKEN);
  assert.equal((await master.client('reload')).status, 1);
  master.signal('SIGTERM');
  assert.equal((await master.exited()).status, 0);
}

function assertStory(manager: FakeManager): void {
  // The tool sends a barrier after each; a slow start is asked for more than once.
  const told = manager.datagrams().map((fields) => [...fields.keys()].join(' '));
  const own = told.filter((keys) => keys !== 'BARRIER');
  assert.deepEqual(
    own.filter((keys, i) => keys !== EXTEND || own[i - 1] !== EXTEND),
    STORY,
  );
  const moments = manager.datagrams().flatMap((fields) => fields.get('MONOTONIC_USEC') ?? []);
  assert.ok(moments.every((one) => BigInt(one) <= process.hrtime.bigint() / 1000n));
  assert.ok(moments.every((one, i) => i === 0 || BigInt(one) > BigInt(moments[i - 1] ?? 0)));
}

const lacksTool = spawnSync('systemd-notify', ['--version']).error !== undefined;

for (const [what, optionsFor, skip] of [
  ['the descriptor of OpenFile=', (path: string) => ({ notifyFd: path }), false],
  [
    ...(['NOTIFY_SOCKET', (path: string) => ({ env: { NOTIFY_SOCKET: path } })] as const),
    lacksTool && 'systemd-notify is not installed',
  ],
] as const) {
  const title = `start, reloads, a failed reload and stop are reported through ${what}`;
  test(title, { skip }, async (t) => {
    const manager = await fakeManager(t);
    await live(t, optionsFor(manager.path));
    assertStory(manager);
  });
}

test('a start that fails is reported with its reason, and never as ready', async (t) => {
  const taken = `127.0.0.1:${await takePort(t)}`;
  const manager = await fakeManager(t);
  const words = ['--listen', taken, '--', node, fixture(APP)];
  const master = startSupervisor(t, words, { notifyFd: manager.path });
  assert.equal((await master.exited()).status, 1);
  const status = manager.datagrams().at(-1)?.get('STATUS') ?? '';
  assert.match(status, /^failed: cannot listen on .* EADDRINUSE/);
  assert.ok(manager.datagrams().every((fields) => !fields.has('READY')));
});

const stateOf = (pid: number) => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];

async function pinged(manager: FakeManager, times: number): Promise<void> {
  const pings = () => manager.heard().filter((line) => line === 'WATCHDOG=1').length;
  await eventually('it pings', async () => pings() >= times);
}

test('a master that stands still does not feed the watchdog of the service, and does not take its worker for hung', async (t) => {
  const [manager, other] = [await fakeManager(t), await fakeManager(t)];
  const env = { WATCHDOG_USEC: '200000' };
  const args = ['--watchdog', '1s'];
  const { master, pid } = await startServing(t, APP, args, { notifyFd: manager.path, env });
  await pinged(manager, 3);
  master.signal('SIGSTOP');
  await eventually('it is stopped', async () => stateOf(master.pid) === 'T');
  const whileStopped = manager.heard().length;
  // A master that runs takes two seconds for these.
  await startServing(t, APP, [], { notifyFd: other.path, env });
  await pinged(other, 20);
  assert.equal(manager.heard().length, whileStopped);
  const lines = master.log().length;
  master.signal('SIGCONT');
  await pinged(manager, 6);
  assert.equal((await master.status()).workers[0]?.pid, pid);
  assert.deepEqual(master.log().slice(lines), []);
});

test('a watchdog that is meant for another process is not fed', async (t) => {
  const manager = await fakeManager(t);
  const env = { WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' };
  const { master } = await startServing(t, APP, [], { notifyFd: manager.path, env });
  await master.client('reload');
  assert.ok(manager.heard().every((line) => line !== 'WATCHDOG=1'));
});

test('a master whose service manager is gone still reloads and stops', async (t) => {
  const env = { NOTIFY_SOCKET: join(scratch(t), 'nobody') };
  const { master } = await startServing(t, APP, [], { env });
  assert.equal((await master.client('reload')).status, 0);
  master.signal('SIGTERM');
  assert.equal((await master.exited()).status, 0);
});

test('a master that has stopped ends although its service manager reads nothing', async (t) => {
  const path = join(scratch(t), 'mute');
  const bind = `import socket, sys, time
held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
held.bind(${JSON.stringify(path)})
print('bound', flush=True)
sys.stdin.read()`;
  const mute = spawn('python3', ['-c', bind], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => mute.stdin.end());
  await once(mute.stdout, 'data');
  const { master } = await startServing(t, APP, [], { env: { NOTIFY_SOCKET: path } });
  master.signal('SIGTERM');
  await master.logged('shutdownDone');
  // A second signal does not change its exit status.
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
});

test('messages of workers are not passed on to the service manager', async (t) => {
  const manager = await fakeManager(t);
  const says = ['MAINPID=1', 'ERRNO=2', 'X_ODD=1', 'STATUS=at work', 'READY=1'];
  const listen = ['--listen', '127.0.0.1:0', '--ready', 'notify'];
  const args = [...listen, '--', 'python3', fixture('notifies.py'), ...says];
  const master = startSupervisor(t, args, { notifyFd: manager.path });
  await served(master);
  const known = ['STATUS', 'READY', 'EXTEND_TIMEOUT_USEC'];
  const keys = new Set(manager.datagrams().flatMap((fields) => [...fields.keys()]));
  assert.deepEqual([...keys].sort(), known.sort());
  assert.ok(manager.heard().every((line) => !line.includes('at work')));
});
