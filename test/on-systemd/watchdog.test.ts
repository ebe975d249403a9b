// What hangs is replaced: the master by the manager, a worker by the master.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { isRunning } from '../helpers/supervisor.js';
import { ask } from './ask.js';
import { bootMachine } from './machine.js';
import { innerPid } from './processes.js';
import { watchdogPings } from './watchdog-pings.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

test('a master that hangs is restarted by WatchdogSec=', async (t) => {
  const app = await installApp(t, machine, 'hung', {
    port: 8601,
    service: ['WatchdogSec=2', 'TimeoutAbortSec=2', 'LimitCORE=0'],
  });
  await machine.ok('systemctl', 'start', app.unit);
  const before = app.processes();
  const master = await app.master();
  await watchdogPings(machine, app.unit, 3);
  assert.equal(await app.master(), master, 'a master that works is left alone');

  process.kill(master, 'SIGSTOP');
  await eventually('it is gone, with its workers', () => !before.some(isRunning));
  await eventually('the next one serves', async () => (await app.state()) === 'active');
  assert.equal(await ask(machine, `127.0.0.1:${app.port}`, '/fast'), '/fast');
  assert.equal((await machine.show(app.unit, 'NRestarts')).NRestarts, '1');
  const messages = (await machine.journal(app.unit)).map(({ message }) => message);
  assert.ok(messages.some((text) => text.includes('Watchdog timeout')));
});

test('a worker that hangs is replaced by the master, and the unit does not notice', async (t) => {
  const app = await installApp(t, machine, 'lazy', {
    port: 8602,
    options: '--workers 2 --watchdog 2s',
    service: ['WatchdogSec=5'],
  });
  await machine.ok('systemctl', 'start', app.unit);
  const { workers } = await app.status();
  const inner = workers[0]?.pid ?? 0;
  const hung = app.processes().find((pid) => innerPid(pid) === inner);
  assert.ok(hung);
  process.kill(hung, 'SIGSTOP');
  const after = await eventually(
    'another one is in its place',
    () => app.status(),
    (status) => status.workers.every(({ pid, state }) => pid !== inner && state === 'ready'),
  );
  assert.equal(after.workers.length, 2);
  assert.equal(isRunning(hung), false);
  assert.equal(await app.state(), 'active');
  assert.equal((await machine.show(app.unit, 'NRestarts')).NRestarts, '0');
  assert.equal(after.pid, innerPid(await app.master()));
});
