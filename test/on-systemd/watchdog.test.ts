// A master that hangs is replaced by the manager; that a worker is by its master, test/e2e proves without systemd.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { isRunning } from '../helpers/supervisor.js';
import { ask } from './ask.js';
import { bootMachine } from './machine.js';
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
  await app.pings(3);
  assert.equal(await app.master(), master, 'a master that works is left alone');

  process.kill(master, 'SIGSTOP');
  await eventually('it is gone, with its workers', () => !before.some(isRunning));
  await eventually('the next one serves', async () => (await app.state()) === 'active');
  assert.equal(await ask(machine, `127.0.0.1:${app.port}`, '/fast'), '/fast');
  assert.equal((await machine.show(app.unit, 'NRestarts')).NRestarts, '1');
  const messages = (await machine.journal(app.unit)).map(({ message }) => message);
  assert.ok(messages.some((text) => text.includes('Watchdog timeout')));
});
