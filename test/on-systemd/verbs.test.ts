// The verbs of systemctl that deploy scripts use for a unit that runs.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type App, BROKEN } from './app.js';
import { bootMachine } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

const exits = async (verb: string, app: App) => (await machine.systemctl(verb, app.unit)).status;
const place = async (app: App) => [await app.master(), (await app.status()).generation];

async function running(t: TestContext, name: string, port: number): Promise<App> {
  const app = await installApp(t, machine, name, { port });
  await machine.ok('systemctl', 'start', app.unit);
  return app;
}

test('a unit that runs: *-reload-or-restart reload it, try-restart restarts it', async (t) => {
  const app = await running(t, 'awake', 8702);
  const master = await app.master();
  assert.equal(await exits('reload-or-restart', app), 0);
  assert.deepEqual(await place(app), [master, 2]);
  assert.equal(await exits('try-reload-or-restart', app), 0);
  assert.deepEqual(await place(app), [master, 3]);
  assert.equal(await exits('try-restart', app), 0);
  const [next, generation] = await place(app);
  assert.notEqual(next, master);
  assert.equal(generation, 1);
});

test('a broken release: *-reload-or-restart fail, and restart nothing', async (t) => {
  const app = await running(t, 'steady', 8703);
  const before = await place(app);
  app.deploy('2', BROKEN);
  for (const verb of ['reload-or-restart', 'try-reload-or-restart']) {
    assert.equal(await exits(verb, app), 1, verb);
    assert.deepEqual(await place(app), before, verb);
    assert.equal(await app.state(), 'active', verb);
  }
});
