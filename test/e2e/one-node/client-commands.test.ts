// The client commands: what they print, how they exit, and which master they find.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { StatusReport } from '../../../src/status/report-types.js';
import { eventually } from '../../helpers/eventually.js';
import { bin, fixture, node } from '../../helpers/paths.js';
import { finished } from '../../helpers/processes/finished.js';
import { closeGate } from '../../helpers/processes/start-gate.js';
import { takePort } from '../../helpers/sockets/ports.js';
import {
  cleanEnvironment,
  type Supervisor,
  scratch,
  startSupervisor,
} from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const APP = ['--', node, fixture('answers-pid.mjs')];
const GATED = ['--', node, fixture('listens-at-last.mjs')];

/** A master whose second generation waits at the gate, under a reload that was asked for by `ask`. */
async function midReload<T>(t: TestContext, ask: (master: Supervisor) => T) {
  const cwd = scratch(t);
  const gate = closeGate(cwd, 2);
  const master = startSupervisor(t, GATED, { cwd, env: { ADDRESSES: 'app.sock' } });
  await served(master);
  const asked = ask(master);
  await gate.reached();
  return { master, gate, asked };
}

const says = (stdout: string) => ({ status: 0, stdout: `${stdout}\n`, stderr: '' });

test('status --json reports the master, its socket and its worker', async (t) => {
  const listen = ['-l', 'web=127.0.0.1:0?for=./app.sock', '--name', 'shop'];
  const master = startSupervisor(t, [...listen, ...APP], { env: { ADDRESS: './app.sock' } });
  await master.logged('rolledOut');
  const { stdout } = await master.client('status', '--json', '--name', 'shop');
  const { name, pid, version, sockets, workers } = JSON.parse(stdout) as StatusReport;
  assert.deepEqual([name, pid], ['shop', master.pid]);
  assert.match(version, /^\d+\.\d+\.\d+/);
  const [{ address = '', ...socket } = {}] = sockets;
  assert.deepEqual(socket, { name: 'web', queued: 0 });
  assert.match(address, /^127\.0\.0\.1:\d+$/);
  assert.deepEqual([workers[0]?.state, workers[0]?.connections], ['ready', 0]);
});

test('reload, scale and stop say what came of them', async (t) => {
  const master = startSupervisor(t, APP);
  await served(master);
  assert.deepEqual(await master.client('reload'), says('generation 2 serves'));

  const scaled = await master.client('scale', '3');
  assert.equal(scaled.status, 0, scaled.stderr);
  const three = await master.settled(2);
  assert.equal(three.workersWanted, 3);
  assert.deepEqual(three.workers.map((worker) => worker.slot).sort(), [1, 2, 3]);
  const wrong = await master.client('scale', 'many');
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /^graceful-run: scale: 'many' is not a number of workers/);

  const stopped = await master.client('stop');
  assert.equal(stopped.status, 0, stopped.stderr);
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
});

test('stop returns when name, port and path are free for the next one', async (t) => {
  const port = await takePort(t);
  const args = ['-l', 'unix:app.sock', '-l', `127.0.0.2:${port}?for=./web.sock`, ...GATED];
  const env = { XDG_RUNTIME_DIR: scratch(t), ADDRESSES: 'app.sock ./web.sock' };
  const options = { cwd: scratch(t), env };
  let master = startSupervisor(t, args, options);
  for (let times = 0; times < 3; times += 1) {
    await served(master);
    const { status, stderr } = await master.client('stop');
    master = startSupervisor(t, args, options);
    assert.equal(status, 0, stderr);
  }
  await served(master);
});

test('who reads the first line only, or nothing, is no failure', async (t) => {
  const cwd = scratch(t);
  const own = { XDG_RUNTIME_DIR: scratch(t), GRACEFUL_RUN_NAME: 'shop' };
  const env = { ...cleanEnvironment(), ...own };
  const master = startSupervisor(t, APP, { cwd, env: own });
  await served(master);
  const rows: [words: string[], first: RegExp][] = [
    [['status'], /^shop \(pid \d+\): serving.*\n$/],
    [['--help'], /^Usage: .*\n$/],
    [['unit', '--user', 'www', '--', 'node'], /^# .*\n$/],
  ];
  const script = '{ "$0" "$@"; echo $? >status; } | head -1';
  for (const [words, first] of rows) {
    const all = [bin, ...words];
    const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
    const head = await finished(spawn('sh', ['-c', script, node, ...all], { cwd, env, stdio }));
    assert.match(head.stdout, first);
    assert.doesNotMatch(head.stderr, /EPIPE|at /);
    assert.equal(readFileSync(join(cwd, 'status'), 'utf8'), '0\n', words[0]);

    const unread = spawn(node, all, { cwd, env, stdio });
    unread.stdout.destroy();
    unread.stderr.destroy();
    assert.deepEqual(await once(unread, 'exit'), [0, null], words[0]);
  }
});

test('a client finds the master by --name or --control, and exits with 3 if there is none', async (t) => {
  const cwd = scratch(t);
  const named = startSupervisor(t, ['--name', 'shop', ...APP]);
  const placed = startSupervisor(t, ['--control', 'my.sock', ...APP], { cwd });
  const mute = startSupervisor(t, ['--control', 'none', ...APP]);
  for (const master of [named, placed, mute]) await master.logged('rolledOut');
  const rows: [Supervisor, options: string[], status: number, stderr: RegExp][] = [
    [named, ['--name', 'shop'], 0, /^$/],
    [named, ['--name', 'other'], 3, /^graceful-run: no running instance named other \([^\n]*\)\n$/],
    [placed, [], 3, /no running instance/],
    [placed, ['--control', './my.sock'], 0, /^$/],
    [placed, ['--control', join(cwd, 'my.sock')], 0, /^$/],
    [mute, [], 3, /no running instance/],
    [mute, ['--control', 'none'], 2, /^graceful-run: --control none: [^\n]+\n$/],
  ];
  for (const [master, options, status, stderr] of rows) {
    const ended = await master.client('status', ...options);
    assert.equal(ended.status, status, options.join(' '));
    assert.match(ended.stderr, stderr);
  }
});

test('--no-wait returns at once; who waits during a roll out gets the outcome of the one that follows', async (t) => {
  const ask = (master: Supervisor) => master.client('reload', '--no-wait');
  const { master, gate, asked } = await midReload(t, ask);
  assert.deepEqual(await asked, says('reload started'));
  assert.equal((await master.status()).phase, 'rolling out');
  const late = [1, 2, 3].map(() => master.client('reload'));
  const follow = () => master.log().filter(({ msg }) => /it follows this one$/.test(msg)).length;
  await eventually('all have asked', () => follow() === late.length);
  gate.open();
  for (const one of late) assert.deepEqual(await one, says('generation 3 serves'));
  assert.deepEqual((await master.settled(3)).reloads, { ok: 2, failed: 0 });
});

test('a reload that the end of the master cuts short', async (t) => {
  const { master, asked } = await midReload(t, (one) => one.client('reload'));
  assert.equal((await master.client('stop')).status, 0);
  const { status, stderr } = await asked;
  assert.equal(status, 1);
  assert.match(stderr, /^graceful-run: reload cancelled: graceful-run is stopping\n$/);

  const other = await midReload(t, (one) => one.client('reload'));
  other.master.signal('SIGKILL');
  const lost = await other.asked;
  assert.equal(lost.status, 1);
  assert.equal(lost.stderr, 'graceful-run: the master went away without an answer\n');
});
