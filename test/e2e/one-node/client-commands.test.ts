// The client commands: what they print, how they exit, and which master they find.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
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
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

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

test('status --json has the shape that was promised', async (t) => {
  const master = startSupervisor(t, ['-l', 'web=127.0.0.1:0?for=./app.sock', ...APP], {
    env: { ADDRESS: './app.sock', GRACEFUL_RUN_NAME: 'shop' },
  });
  await served(master);
  assert.equal((await master.client('reload')).status, 0);
  const { sockets, workers, lastReload, version, census, ...rest } = await master.settled(2);

  assert.deepEqual(rest, {
    name: 'shop',
    pid: master.pid,
    phase: 'serving',
    generation: 2,
    workersWanted: 1,
    reloads: { ok: 1, failed: 0 },
  });
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.equal(census, 'serving 2: 1 ready');
  const [{ address = '', ...socket } = {}] = sockets;
  assert.deepEqual(socket, { name: 'web', queued: 0 });
  assert.match(address, /^127\.0\.0\.1:\d+$/);
  const [{ startedAt = '', readyAt = '', pid, ...worker } = {}] = workers;
  assert.deepEqual(worker, {
    slot: 1,
    generation: 2,
    state: 'ready',
    connections: 0,
    status: null,
  });
  assert.equal(typeof pid, 'number');
  assert.match(startedAt, ISO);
  assert.match(readyAt ?? '', ISO);
  const { durationMs, at, ...verdict } = lastReload ?? {};
  assert.deepEqual(verdict, { ok: true, generation: 2, reason: null, cause: null });
  assert.equal(Number.isInteger(durationMs), true);
  assert.match(at ?? '', ISO);
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

test('no such instance', async (t) => {
  const master = startSupervisor(t, ['--name', 'shop', ...APP]);
  await master.logged('rolledOut');
  for (const command of [['reload', '--no-wait'], ['status'], ['stop'], ['scale', '2']]) {
    const { status, stdout, stderr } = await master.client(...command, '--name', 'other');
    assert.deepEqual({ status, stdout }, { status: 3, stdout: '' });
    assert.match(stderr, /^graceful-run: no running instance named other \([^\n]*\)\n$/);
  }
  assert.equal((await master.client('status', '--name', 'shop')).status, 0);
  assert.equal((await master.client('stop', '--name', 'shop')).status, 0);
  assert.equal((await master.client('status', '--name', 'shop')).status, 3);
});

test('--control with a path, and with none', async (t) => {
  const cwd = scratch(t);
  const master = startSupervisor(t, ['--control', 'my.sock', ...APP], { cwd });
  await master.logged('rolledOut');
  assert.equal((await master.client('status')).status, 3);
  for (const path of ['my.sock', './my.sock', join(cwd, 'my.sock')]) {
    assert.deepEqual(
      await master.client('reload', '--control', path, '--no-wait'),
      says('reload started'),
    );
  }
  const mute = startSupervisor(t, ['--control', 'none', ...APP]);
  await mute.logged('rolledOut');
  assert.equal((await mute.client('status')).status, 3);
  const { status, stderr } = await mute.client('status', '--control', 'none');
  assert.equal(status, 2);
  assert.match(stderr, /^graceful-run: --control none: [^\n]+\n$/);
  mute.signal('SIGHUP');
  await mute.logged((line) => line.event === 'rolledOut' && line.generation === 2);
});

test('--no-wait returns while the new generation starts', async (t) => {
  const ask = (master: Supervisor) => master.client('reload', '--no-wait');
  const { master, gate, asked } = await midReload(t, ask);
  assert.deepEqual(await asked, says('reload started'));
  assert.equal((await master.status()).phase, 'rolling out');
  gate.open();
  await master.settled(2);
});

test('who asks during a roll out gets the outcome of the one that follows, and only one does', async (t) => {
  const { master, gate, asked } = await midReload(t, (one) => one.client('reload'));
  const late = [1, 2, 3].map(() => master.client('reload'));
  for (let known = 0, i = 0; i < late.length; i += 1) {
    await master.logged(({ msg }) => msg === 'reload requested; it follows this one', known);
    known =
      master.log().findIndex((line, at) => at >= known && /it follows this/.test(line.msg)) + 1;
  }
  gate.open();
  assert.deepEqual(await asked, says('generation 2 serves'));
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
