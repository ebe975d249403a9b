// `systemctl reload` tells the truth, and no client notices it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type App, BROKEN } from './app.js';
import { type MachineLoad, nothingLost, startLoadOn } from './load.js';
import { bootMachine } from './machine.js';
import { installApp } from './written-unit.js';

const machine = await bootMachine();

async function underLoad(t: TestContext, app: App): Promise<MachineLoad> {
  assert.equal((await machine.systemctl('start', app.unit)).status, 0);
  return startLoadOn(t, machine, app.port);
}

/** The unit goes on with this generation, and tells why the last reload failed. */
async function keepsServing(app: App, generation: number): Promise<void> {
  const { ActiveState, SubState, StatusText, NRestarts } = await machine.show(
    ...([app.unit, 'ActiveState', 'SubState', 'StatusText', 'NRestarts'] as const),
  );
  assert.deepEqual([ActiveState, SubState, NRestarts], ['active', 'running', '0']);
  assert.match(StatusText ?? '', /failed.*no such setting: DATABASE_URL/);
  assert.equal((await app.status()).generation, generation);
  const journal = await machine.journal(app.unit);
  const reasons = journal.filter(({ message, priority }) => {
    return priority === 3 && message.includes('no such setting: DATABASE_URL');
  });
  assert.equal(reasons.length, 1, 'the journal tells it once as an error');
  assert.ok(!journal.some(({ message }) => /^<\d>/.test(message)), 'a prefix is left in a message');
}

test('ExecReload=: a good release serves, a broken one is refused, the next one serves', async (t) => {
  const app = await installApp(t, machine, 'reloads', { port: 8001, options: '--workers 2' });
  const load = await underLoad(t, app);

  app.deploy('2');
  const good = await machine.systemctl('reload', app.unit);
  assert.equal(good.status, 0, good.stderr);
  assert.equal((await app.status()).generation, 2);
  await load.more(500);

  app.deploy('3', BROKEN);
  const broken = await machine.systemctl('reload', app.unit);
  assert.equal(broken.status, 1, broken.stderr);
  await keepsServing(app, 2);
  await load.more(500);

  app.deploy('4');
  const next = await machine.systemctl('reload', app.unit);
  assert.equal(next.status, 0, next.stderr);
  const { generation } = await app.status();
  await load.more(500);
  const report = await nothingLost(t, load);
  assert.equal(Math.max(...Object.keys(report.generations).map(Number)), generation);
  const { StatusText } = await machine.show(app.unit, 'StatusText');
  assert.doesNotMatch(StatusText ?? '', /failed/);
});

test('Type=notify-reload: the same, but that systemd has no word for a reload that failed', async (t) => {
  if (machine.version < 253) return t.skip(`systemd ${machine.version} does not know it`);
  const app = await installApp(t, machine, 'notified', {
    port: 8002,
    type: 'notify-reload',
    service: ['ExecReload='],
  });
  const load = await underLoad(t, app);
  for (const [nth, generation] of [2, 3].entries()) {
    app.deploy(String(nth + 2));
    const { status, stderr } = await machine.systemctl('reload', app.unit);
    assert.equal(status, 0, stderr);
    assert.equal((await app.status()).generation, generation, 'it returns when the new one serves');
    await load.more(300);
  }
  app.deploy('4', BROKEN);
  assert.equal((await machine.systemctl('reload', app.unit)).status, 0);
  await keepsServing(app, 3);
  app.deploy('5');
  assert.equal((await machine.systemctl('reload', app.unit)).status, 0);
  assert.ok((await app.status()).generation > 3);
  await load.more(300);
  await nothingLost(t, load);
});
