// What systemd is asked for while something else is under way, always under load.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { type App, BROKEN, WAITS } from './app.js';
import { ask } from './ask.js';
import { type MachineLoad, nothingLost, startMachineLoad } from './load.js';
import { bootMachine, withoutStore } from './machine.js';
import { installPrinted } from './printed-unit.js';
import { listens, queued } from './processes.js';
import { installApp, type WrittenUnit } from './written-unit.js';

const machine = await bootMachine();
const skip = withoutStore(machine);

async function underLoad(
  t: TestContext,
  name: string,
  options: WrittenUnit,
): Promise<[App, MachineLoad]> {
  const app = await installApp(t, machine, name, options);
  await machine.ok('systemctl', 'start', app.unit);
  const load = await startMachineLoad(t, machine, [{ host: '::1', port: app.port }]);
  await load.reached(200);
  return [app, load];
}

test('while a reload runs the unit is reloading; who asks meanwhile gets the next one', async (t) => {
  const [app, load] = await underLoad(t, 'reloading', { port: 8101, options: '--workers 2' });
  app.deploy('2', WAITS);
  const first = machine.systemctl('reload', app.unit);
  await eventually('it reloads', async () => (await app.state()) === 'reloading');
  const others = [1, 2, 3].map(() => machine.systemctl('reload', app.unit));
  await load.more(100);
  machine.writeFile(`${app.folder}/go`, '');
  for (const { status, stderr } of await Promise.all([first, ...others]))
    assert.equal(status, 0, stderr);
  await eventually('it is over', async () => (await app.state()) === 'active');
  const { reloads } = await app.status();
  assert.equal(reloads.failed, 0);
  assert.ok(reloads.ok <= 4, `${reloads.ok} reloads for 4 requests`);
  await nothingLost(t, load);
});

test('daemon-reexec changes nothing, and the next reload is told to systemd', async (t) => {
  const [app, load] = await underLoad(t, 'reexec', { port: 8102, service: ['WatchdogSec=2'] });
  const master = await app.master();
  await machine.ok('systemctl', 'daemon-reexec');
  await machine.ok('systemctl', 'daemon-reload');
  const { status, stderr } = await machine.systemctl('reload', app.unit);
  assert.equal(status, 0, stderr);
  await app.pings(3);
  assert.equal(await app.master(), master);
  assert.match((await machine.show(app.unit, 'StatusText')).StatusText ?? '', /^serving 2/);
  await nothingLost(t, load);
});

test('a stop during a reload that would never end stops', async (t) => {
  // As printed: systemd ends the command of ExecReload= by SIGTERM too, and the unit has to say that it may.
  const flags = ['--user', 'app'];
  const app = await installPrinted(t, machine, 'stopped', { port: 8103, flags });
  await machine.ok('systemctl', 'start', app.unit);
  app.deploy('2', WAITS);
  const reload = machine.systemctl('reload', app.unit);
  await eventually('it reloads', async () => (await app.state()) === 'reloading');
  assert.equal((await machine.systemctl('stop', app.unit)).status, 0);
  assert.notEqual((await reload).status, null);
  const { Result, ActiveState } = await machine.show(app.unit, 'Result', 'ActiveState');
  assert.deepEqual([Result, ActiveState], ['success', 'inactive']);
  assert.deepEqual(app.processes(), []);
});

test('a restart into a broken release keeps the socket of the store until it is repaired', {
  skip,
}, async (t) => {
  const app = await installApp(t, machine, 'repaired', {
    port: 8105,
    options: '--listen :8105',
    service: ['FileDescriptorStoreMax=16'],
  });
  await machine.ok('systemctl', 'start', app.unit);
  app.deploy('2', BROKEN);
  assert.equal((await machine.systemctl('restart', app.unit)).status, 1);
  const answer = ask(machine, `127.0.0.1:${app.port}`, '/fast');
  await eventually('the client waits', () => queued(machine, app.port) === 1);
  app.deploy('3');
  assert.equal(await answer, '/fast');
  await eventually('it is active', async () => (await app.state()) === 'active');
});

test('a service that moves to another port leaves no socket behind in the store', {
  skip,
}, async (t) => {
  const name = 'moves';
  const service = ['FileDescriptorStoreMax=16'];
  const first = await installApp(t, machine, name, { port: 8106, service });
  await machine.ok('systemctl', 'start', first.unit);
  for (const [port, options] of [
    [8107, ''],
    [8108, '--listen :8108'],
  ] as const) {
    const app = await installApp(t, machine, name, { port, options, service });
    await machine.ok('systemctl', 'restart', app.unit);
    assert.equal(await ask(machine, `127.0.0.1:${port}`, '/fast'), '/fast');
    await eventually(`nobody listens on ${port - 1}`, () => !listens(machine, port - 1));
    assert.equal(await stored(app), '1');
  }
});

test('two servers of one app outlive restarts in the store, also when one of them is late', {
  skip,
}, async (t) => {
  const ports = [8111, 8112];
  const listenOn = ports.map((port) => ({ host: '::', port }));
  const app = await installApp(t, machine, 'two', {
    port: 8111,
    app: 'listens-on.mjs',
    environment: { LISTEN_ON: JSON.stringify(listenOn), HOW: 'late' },
    service: ['FileDescriptorStoreMax=16'],
  });
  await machine.ok('systemctl', 'start', app.unit);
  await eventually('both listen', () => ports.every((port) => listens(machine, port)));
  const inodes = () => ports.map((port) => listens(machine, port));
  await eventually('both are stored', async () => (await stored(app)) === '2');
  const before = inodes();
  for (let nth = 0; nth < 2; nth += 1) {
    await machine.ok('systemctl', 'restart', app.unit);
    for (const [i, port] of ports.entries())
      assert.match(await ask(machine, `127.0.0.1:${port}`), new RegExp(`^${i} `));
    assert.deepEqual(inodes(), before, 'they are the same sockets');
    assert.equal(await stored(app), '2');
  }
});

test('a unix socket that the app opened outlives a restart in the store', { skip }, async (t) => {
  const path = '/run/paths/app.sock';
  const app = await installApp(t, machine, 'paths', {
    port: 0,
    environment: { ADDRESS: path },
    service: ['FileDescriptorStoreMax=16', 'RuntimeDirectoryPreserve=restart'],
  });
  await machine.ok('systemctl', 'start', app.unit);
  const load = await startMachineLoad(t, machine, [{ path }]);
  await load.reached(200);
  for (const verb of ['restart', 'reload', 'restart']) {
    const { status, stderr } = await machine.systemctl(verb, app.unit);
    assert.equal(status, 0, stderr);
    await load.more(200);
  }
  await nothingLost(t, load);
  await machine.ok('systemctl', 'stop', app.unit);
  assert.notEqual((await machine.run('test', '-e', path)).status, 0, 'the path is gone');
});

async function stored({ unit }: App): Promise<string | undefined> {
  return (await machine.show(unit, 'NFileDescriptorStore')).NFileDescriptorStore;
}
