// The client commands against a living master: exit statuses, verdicts, and guests who mean no good.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { addressOf, get } from '../helpers/client.js';
import { eventually } from '../helpers/eventually.js';
import { fixture, node } from '../helpers/paths.js';
import { cleanEnvironment, runCommand, scratch, startSupervisor } from '../helpers/supervisor.js';

const app = ['--', node, fixture('answers-pid.mjs')];

test('status has exactly the members that other tools rely on', async (t) => {
  const env = { GRACEFUL_RUN_NAME: 'shop' };
  const master = startSupervisor(t, ['-w', '2', ...app], { env });
  await master.settled(1);
  await master.client('reload');
  const { stdout, status } = await master.client('status', '--json', '--name', 'shop');
  assert.equal(status, 0);
  const report = JSON.parse(stdout);
  const { workers, sockets, lastReload } = report;
  assert.deepEqual(Object.keys(report), [
    ...['name', 'pid', 'version', 'phase', 'generation', 'workersWanted', 'sockets', 'workers'],
    ...['reloads', 'lastReload', 'census'],
  ]);
  assert.deepEqual(Object.keys(sockets[0]), ['name', 'address', 'queued']);
  assert.deepEqual(Object.keys(workers.at(-1)), [
    ...['slot', 'generation', 'pid', 'state', 'startedAt', 'readyAt', 'connections'],
  ]);
  assert.deepEqual(Object.keys(lastReload).sort(), [
    ...['at', 'durationMs', 'generation', 'ok', 'reason'],
  ]);
  assert.equal(report.pid, master.pid);
  assert.equal(report.workersWanted, 2);
});

test('a table for people', async (t) => {
  const master = startSupervisor(t, app);
  await master.settled(1);
  const { stdout } = await master.client('status');
  assert.match(stdout, /^\S+ \(pid \d+\): serving, generation 1, 1 wanted$/m);
  assert.match(stdout, /^1\.1 +\d+ +ready +\d+s +0$/m);
});

test('without such an instance the exit status is 3, and one line says where was looked', async (t) => {
  const cwd = scratch(t);
  for (const command of [['reload'], ['status'], ['stop'], ['scale', '2']]) {
    const env = { ...cleanEnvironment(), XDG_RUNTIME_DIR: cwd, PWD: cwd };
    const result = await runCommand([...command, '--name', 'nobody'], { cwd, env });
    assert.equal(result.status, 3, result.stderr);
    assert.match(result.stderr, /^graceful-run: no running instance .*nobody.*\n$/);
  }
});

test('all who ask during a roll out get the outcome of the one that follows', async (t) => {
  const master = startSupervisor(t, app);
  await master.settled(1);
  const results = await Promise.all([1, 2, 3, 4].map(() => master.client('reload')));
  for (const { status, stdout } of results) {
    assert.equal(status, 0);
    assert.match(stdout, /^generation [2-5] serves\n$/);
  }
  const { status, stdout } = await master.client('reload', '--no-wait');
  assert.deepEqual([status, stdout], [0, 'reload begun\n']);
});

test('scale answers when the workers are ready', async (t) => {
  const master = startSupervisor(t, app);
  await master.settled(1);
  assert.equal((await master.client('scale', '3')).status, 0);
  const { workers } = await master.status();
  assert.deepEqual(
    workers.map((one) => one.state),
    ['ready', 'ready', 'ready'],
  );
  assert.equal((await master.client('scale', 'many')).status, 2);
});

test('stop waits for the end of the master', async (t) => {
  const master = startSupervisor(t, app);
  const address = addressOf(await master.settled(1));
  assert.equal((await master.client('stop')).status, 0);
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  await assert.rejects(get(address), { code: 'ECONNREFUSED' });
});

test('a second master of the same name is refused, and the first unharmed', async (t) => {
  const master = startSupervisor(t, ['--control', 'own/control.sock', ...app]);
  const own = join(master.cwd, 'own/control.sock');
  const control = ['--control', own];
  const ready = await master.logged('rolledOut');
  assert.equal(ready.generation, 1);
  assert.equal(statSync(own).mode & 0o777, 0o600);
  assert.equal(statSync(dirname(own)).mode & 0o777, 0o700);

  const env = { ...cleanEnvironment(), PWD: master.cwd };
  const second = await runCommand([...control, ...app], { cwd: master.cwd, env });
  assert.equal(second.status, 1);
  assert.match(
    second.stderr,
    /^graceful-run: cannot open the control socket .* another process is listening on it .*--name.*\n$/,
  );
  assert.equal((await master.client('status', ...control)).status, 0);
});

test('what a dead master left behind is taken over', async (t) => {
  const cwd = scratch(t);
  const args = [
    '--control',
    join(cwd, 'c.sock'),
    '--listen',
    `unix:${join(cwd, 'app.sock')}`,
    ...app,
  ];
  const env = { ADDRESS: join(cwd, 'app.sock') };
  const first = startSupervisor(t, args, { cwd, env });
  await first.logged('rolledOut');
  first.signal('SIGKILL');
  await first.exited();

  const second = startSupervisor(t, args, { cwd, env });
  await second.logged('rolledOut');
  assert.match(await get(`unix:${join(cwd, 'app.sock')}`), /^\d+ 1$/);
});

test('with --control none there is no socket, and signals do their work', async (t) => {
  const master = startSupervisor(t, ['--control', 'none', ...app]);
  await master.logged('rolledOut');
  assert.equal((await master.client('status')).status, 3);
  master.signal('SIGHUP');
  await master.logged((line) => line.event === 'rolledOut' && line.generation === 2);
});

test('hostile and half-written requests harm nobody but their sender', async (t) => {
  const cwd = scratch(t);
  const path = join(cwd, 'c.sock');
  const master = startSupervisor(t, ['--control', path, ...app], { cwd });
  await master.logged('rolledOut');
  const silent = connect(path);
  silent.on('error', () => {});
  silent.write('{"command":"rel');
  for (const text of [
    '\n',
    'garbage\n',
    '[]\n',
    'null\n',
    '{"command":7}\n',
    '\0\xff\n',
    '{"command":"scale","size":1e999}\n',
  ]) {
    const socket = connect(path);
    socket.end(text);
    const [answer] = await once(socket.setEncoding('utf8'), 'data');
    assert.equal(JSON.parse(answer).ok, false, text);
  }
  const flood = connect(path);
  flood.on('error', () => {});
  flood.write('x'.repeat(1024 * 1024));
  await new Promise((resolve) => flood.once('close', resolve));
  const crowd = Array.from({ length: 200 }, () => connect(path).on('error', () => {}));
  await eventually('the crowd is let in or turned away', () =>
    crowd.every((one) => !one.connecting),
  );
  for (const one of crowd) one.destroy();

  const { status } = await eventually(
    'the master answers again',
    () => master.client('reload', '--control', path),
    (result) => result.status === 0,
  );
  assert.equal(status, 0);
  silent.destroy();
});
