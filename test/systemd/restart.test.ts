// `systemctl restart` under load: whoever connects meanwhile waits, and is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingLost, startMachineLoad } from './load.js';
import { bootMachine } from './machine.js';
import { installApp } from './unit.js';

const machine = await bootMachine();

test('restarts with a socket unit refuse and reset nobody', async (t) => {
  const port = 8201;
  const sockets = { '': [`ListenStream=${port}`] };
  const app = await installApp(t, machine, 'socketed', { port, sockets, options: '--workers 2' });
  await machine.ok('systemctl', 'start', 'socketed.socket', app.unit);
  await app.serves();
  const endpoints = ['127.0.0.1', '::1'].map((host) => ({ host, port }));
  const load = await startMachineLoad(t, machine, endpoints);
  await load.reached(300);
  const masters = new Set<number>();
  for (let i = 0; i < 3; i += 1) {
    const { status, stderr } = await machine.systemctl('restart', app.unit);
    assert.equal(status, 0, stderr);
    await app.serves();
    masters.add(await app.master());
    await load.more(300);
  }
  assert.equal(masters.size, 3);
  await nothingLost(t, load);
});
