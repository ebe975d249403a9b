// `systemctl restart` under load: whoever connects meanwhile waits, and is answered.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { App } from './app.js';
import { nothingLost, startLoadOn } from './load.js';
import { bootMachine, withoutStore } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();
const skip = withoutStore(machine);

test('with a socket unit', async (t) => {
  const port = 8201;
  const sockets = { '': [`ListenStream=${port}`] };
  const app = await installApp(t, machine, 'socketed', { port, sockets, options: '--workers 2' });
  await machine.ok('systemctl', 'start', 'socketed.socket', app.unit);
  await restartsUnnoticed(t, app);
});

for (const [what, options] of [
  ['given', '--listen :8202 --workers 2'],
  ['adopted', '--workers 2'],
] as const) {
  test(`through the descriptor store, sockets ${what}`, { skip }, async (t) => {
    const port = what === 'given' ? 8202 : 8203;
    const service = ['FileDescriptorStoreMax=16'];
    const app = await installApp(t, machine, `stored-${what}`, { port, options, service });
    await machine.ok('systemctl', 'start', app.unit);
    await restartsUnnoticed(t, app);
    assert.equal((await machine.show(app.unit, 'NFileDescriptorStore')).NFileDescriptorStore, '1');

    assert.equal((await machine.systemctl('stop', app.unit)).status, 0);
    const { NFileDescriptorStore } = await machine.show(app.unit, 'NFileDescriptorStore');
    assert.equal(NFileDescriptorStore, '0', 'a stop gives the port back');
  });
}

async function restartsUnnoticed(t: TestContext, app: App): Promise<void> {
  const load = await startLoadOn(t, machine, app.port);
  const masters = new Set([await app.master()]);
  for (let i = 0; i < 3; i += 1) {
    const { status, stderr } = await machine.systemctl('restart', app.unit);
    assert.equal(status, 0, stderr);
    masters.add(await app.master());
    await load.more(300);
  }
  assert.equal(masters.size, 4);
  assert.equal((await machine.systemctl('reload', app.unit)).status, 0);
  await load.more(300);
  await nothingLost(t, load);
}
