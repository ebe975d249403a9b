// What `journalctl -p err` shows of a service: its failures, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import type { App } from './app.js';
import { bootMachine } from './machine.js';
import { innerPid } from './processes.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

const errors = async (app: App) =>
  (await machine.journal(app.unit, '--priority=err')).map(({ message }) => message);

test('journalctl -p err shows the failures and nothing else', async (t) => {
  const app = await installApp(t, machine, 'tells', { port: 8901, options: '--workers 2' });
  await machine.ok('systemctl', 'start', app.unit);
  await machine.ok('systemctl', 'reload', app.unit);
  await machine.ok('systemctl', 'restart', app.unit);
  assert.deepEqual(await errors(app), [], 'nothing has failed yet');

  app.deploy('2', "console.error('on its way');\nthrow new Error('a broken release');\n");
  assert.equal((await machine.systemctl('reload', app.unit)).status, 1);
  const reload = await errors(app);
  assert.ok(reload.some((line) => /generation 2 failed, generation 1 keeps serving/.test(line)));
  assert.ok(reload.some((line) => line.includes('Error: a broken release')));
  assert.ok(!reload.some((line) => line.includes('on its way')), 'that is output of the app');
  app.deploy('3');

  const before = await app.status();
  const inner = before.workers[0]?.pid ?? 0;
  process.kill(app.processes().find((pid) => innerPid(pid) === inner) ?? 0, 'SIGKILL');
  await eventually(
    'it is replaced',
    () => app.status(),
    ({ workers }) => workers.every(({ pid, state }) => pid !== inner && state === 'ready'),
  );
  const crash = (await errors(app)).slice(reload.length);
  assert.equal(crash.length, 1, crash.join('\n'));
  assert.match(crash[0] ?? '', /SIGKILL/);

  await machine.ok('systemctl', 'stop', app.unit);
  assert.equal((await errors(app)).length, reload.length + 1, 'a stop is none');
  t.diagnostic((await errors(app)).join('\n'));
  const all = await machine.journal(app.unit);
  assert.ok(!all.some(({ message }) => /^<\d>/.test(message)), 'no prefix is left in a message');
});
