// gunicorn as it comes from Debian, unchanged: it takes its sockets and says READY=1 as systemd has it, to us.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fixture } from '../helpers/paths.js';
import type { App } from './app.js';
import { nothingLost, startMachineLoad } from './load.js';
import { bootMachine, COMMAND } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

test('gunicorn is reloaded, refused when broken, and stopped, and no request is lost', async (t) => {
  const port = 8970;
  const run = `${COMMAND} --name guni --listen :${port} --ready notify`;
  // Without --preload it says READY=1 before it has loaded the app, and a broken one would be news to it.
  const gunicorn = '/usr/bin/gunicorn --preload --workers 2 wsgi_app:application';
  const service = ['ExecStart=', `ExecStart=${run} -- ${gunicorn}`];
  const app = await installApp(t, machine, 'guni', { port, service });
  const good = readFileSync(fixture('wsgi_app.py'), 'utf8');
  deploy(app, good);
  const start = await machine.systemctl('start', app.unit);
  assert.equal(start.status, 0, start.stderr);
  const hosts = ['127.0.0.1', '::1'].map((host) => ({ host, port }));
  const load = await startMachineLoad(t, machine, hosts, [
    { kind: 'fast', keepAlive: false, count: 8, pauseMs: 8 },
  ]);
  await load.reached(300);
  for (let nth = 0; nth < 2; nth += 1) {
    const { status, stderr } = await machine.systemctl('reload', app.unit);
    assert.equal(status, 0, stderr);
    await load.more(300);
  }
  deploy(app, 'raise RuntimeError("no such setting: DATABASE_URL")\n');
  assert.equal((await machine.systemctl('reload', app.unit)).status, 1);
  assert.equal((await app.status()).generation, 3);
  await load.more(300);
  deploy(app, good);
  assert.equal((await machine.systemctl('reload', app.unit)).status, 0);
  await load.more(300);
  await nothingLost(t, load);
  assert.equal((await machine.systemctl('stop', app.unit)).status, 0);
  assert.equal(await app.state(), 'inactive');
  assert.deepEqual(app.processes(), []);
});

function deploy(app: App, text: string): void {
  machine.writeFile(`${app.folder}/wsgi_app.py`, text);
}
