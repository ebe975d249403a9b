// `systemctl start` returns when the app serves, not before.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { WAITS } from './app.js';
import { ask } from './ask.js';
import { bootMachine } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

test('the start lasts until the app serves', async (t) => {
  const app = await installApp(t, machine, 'waits', { port: 8401, options: '--workers 2' });
  app.deploy('1', WAITS);
  let returned = false;
  const start = machine.systemctl('start', app.unit).finally(() => {
    returned = true;
  });
  await eventually('it says what it does', async () => /starting/.test(await statusText('waits')));
  assert.equal(await app.state(), 'activating');
  await assert.rejects(ask(machine, `127.0.0.1:${app.port}`), /ECONNREFUSED/);
  assert.equal(returned, false);

  machine.writeFile(`${app.folder}/go`, '');
  const { status, stderr } = await start;
  assert.equal(status, 0, stderr);
  // At once: no waiting here.
  assert.equal(await ask(machine, `127.0.0.1:${app.port}`, '/fast'), '/fast');
  assert.equal(await app.state(), 'active');
  assert.match(await statusText('waits'), /2 ready/);
});

test('a start that takes longer than TimeoutStartSec= is given the time', async (t) => {
  const app = await installApp(t, machine, 'slow', { port: 8403, service: ['TimeoutStartSec=2'] });
  app.deploy('1', WAITS);
  const start = machine.systemctl('start', app.unit);
  await eventually('it starts', async () => (await app.state()) === 'activating');
  const { InactiveExitTimestampMonotonic: began } = await machine.show(
    app.unit,
    'InactiveExitTimestampMonotonic',
  );
  // By the clock of systemd, in microseconds: it gives up after two seconds, unless it was asked for more time.
  const isOver = () => process.hrtime.bigint() / 1000n > BigInt(began ?? 0) + 3_000_000n;
  await eventually('the time that the unit allows is over', isOver);
  assert.equal(await app.state(), 'activating');
  machine.writeFile(`${app.folder}/go`, '');
  assert.equal((await start).status, 0);
});

/** What the service says of itself. */
async function statusText(name: string): Promise<string> {
  return (await machine.show(`${name}.service`, 'StatusText')).StatusText ?? '';
}
