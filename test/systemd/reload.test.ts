// `systemctl reload` tells the truth, and no client notices it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nothingLost, startMachineLoad } from './load.js';
import { bootMachine } from './machine.js';
import { installApp } from './unit.js';

const machine = await bootMachine();

/** Over IPv4 and IPv6. */
const both = (port: number) => ['127.0.0.1', '::1'].map((host) => ({ host, port }));

test('reloads under load lose nothing; a broken release is refused, the next one serves', async (t) => {
  const app = await installApp(t, machine, 'reloads', { port: 8001, options: '--workers 2' });
  assert.equal((await machine.systemctl('start', app.unit)).status, 0);
  await app.serves();
  const load = await startMachineLoad(t, machine, both(app.port));
  await load.reached(200);

  app.deploy('2');
  const good = await machine.systemctl('reload', app.unit);
  assert.equal(good.status, 0, good.stderr);
  assert.equal((await app.status()).generation, 2);
  await load.more(500);

  app.deploy('3', "throw new Error('no such setting: DATABASE_URL')");
  const broken = await machine.systemctl('reload', app.unit);
  assert.notEqual(broken.status, 0);
  assert.equal(await app.state(), 'active');
  assert.equal((await app.status()).generation, 2);
  const entries = await machine.journal(app.unit);
  assert.ok(
    entries.some(({ message }) => message.includes('no such setting: DATABASE_URL')),
    'the journal tells why',
  );
  await load.more(500);

  app.deploy('4');
  const next = await machine.systemctl('reload', app.unit);
  assert.equal(next.status, 0, next.stderr);
  await load.more(500);
  const report = await nothingLost(t, load);
  assert.equal(Math.max(...report.generations.keys()), (await app.status()).generation);
});
