// The units that `graceful-run unit` prints, for a user and for a dynamic one, sandbox and all.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { type App, BROKEN } from './app.js';
import { ask } from './ask.js';
import { type MachineLoad, nothingLost, startLoadOn } from './load.js';
import { bootMachine } from './machine.js';
import { installPrinted } from './printed-unit.js';
import { listens, queued } from './processes.js';

const machine = await bootMachine();

const EXPOSURE_LIMIT = 3;

for (const [name, port, flags, sockets] of [
  ['of-user', 8011, ['--user', 'app', '--workers', '2'], []],
  ['of-user-given', 8012, ['--user', 'app', '--workers', '2', '--listen', ':8012'], []],
  ['of-nobody', 8013, ['--dynamic-user', '--workers', '2', '--listen', ':8013'], []],
  ['user-socket', 8014, ['--user', 'app', '--socket', '--listen', ':8014'], ['user-socket.socket']],
  [
    'nobody-socket',
    8015,
    ['--dynamic-user', '--socket', '--listen', ':8015'],
    ['nobody-socket.socket'],
  ],
] as const) {
  test(`a service: ${flags.join(' ')}`, async (t) => {
    const app = await installPrinted(t, machine, name, { port, flags, sockets });
    await isSound(t, app, ...sockets);
    await machine.ok('systemctl', 'enable', '--now', ...sockets, app.unit);
    const load = await startLoadOn(t, machine, app.port);
    await reloads(app, load);
    // Before 254 systemd does not keep the sockets of a service without a socket unit.
    if (sockets.length > 0 || machine.version >= 254) await restarts(app, load);
    await nothingLost(t, load);
    if (sockets.length > 0) await machine.ok('systemctl', 'stop', ...sockets);
    await stops(app);
  });
}

test('an app that crashes over and over does not take the socket unit with it', async (t) => {
  const name = 'loops';
  const port = 8016;
  const flags = ['--user', 'app', '--socket', '--listen', `:${port}`];
  // At this pace the limits that systemd has by itself are met: five starts of a service in ten seconds.
  const service = ['RestartSec=100ms', 'RestartSteps=0'];
  const sockets = ['loops.socket'];
  const app = await installPrinted(t, machine, name, { port, flags, sockets, service });
  app.deploy('1', BROKEN);
  await machine.ok('systemctl', 'start', 'loops.socket');
  const answer = ask(machine, `127.0.0.1:${port}`, '/fast');
  const starts = await eventually(
    'seven starts have failed',
    async () => (await machine.journal(app.unit)).filter(({ message }) => isFailure(message)),
    (failures) => failures.length >= 7,
    60_000,
  );
  t.diagnostic(`${starts.length} failed starts in ${duration(starts)} s`);
  assert.equal(queued(machine, port), 1, 'the client waits');
  const { stdout } = await machine.systemctl('is-active', 'loops.socket');
  assert.equal(stdout.trim(), 'active');
  app.deploy('2');
  assert.equal(await answer, '/fast');
  assert.equal((await machine.systemctl('start', app.unit)).status, 0);
  assert.equal(await app.state(), 'active');
});

function isFailure(message: string): boolean {
  return message.startsWith('Failed to start ');
}

function duration(entries: readonly { readonly at: number }[]): number {
  return Math.round(((entries.at(-1)?.at ?? 0) - (entries[0]?.at ?? 0)) / 1000);
}

/** systemd finds nothing to say against it, and takes note of the sandbox. */
async function isSound(t: TestContext, app: App, ...sockets: string[]): Promise<void> {
  const verify = await machine.run('systemd-analyze', 'verify', app.unit, ...sockets);
  assert.deepEqual(verify, { status: 0, stdout: '', stderr: '' });
  const report = await machine.run('systemd-analyze', 'security', '--no-pager', app.unit);
  const [, exposure] = /Overall exposure level for \S+: (\d+\.\d)/.exec(report.stdout) ?? [];
  t.diagnostic(`systemd-analyze security of ${app.unit}: ${exposure}`);
  assert.ok(Number(exposure) < EXPOSURE_LIMIT, `exposure ${exposure}: ${report.stdout}`);
}

async function reloads(app: App, load: MachineLoad): Promise<void> {
  for (const [release, text, status] of [
    ['2', undefined, 0],
    ['3', BROKEN, 1],
    ['4', undefined, 0],
  ] as const) {
    app.deploy(release, text);
    const result = await machine.systemctl('reload', app.unit);
    assert.equal(result.status, status, `release ${release}: ${result.stderr}`);
    assert.equal(await app.state(), 'active');
    await load.more(200);
  }
}

async function restarts(app: App, load: MachineLoad): Promise<void> {
  const masters = new Set([await app.master()]);
  for (let nth = 0; nth < 3; nth += 1) {
    const { status, stderr } = await machine.systemctl('restart', app.unit);
    assert.equal(status, 0, stderr);
    masters.add(await app.master());
    await load.more(200);
  }
  assert.equal(masters.size, 4);
}

async function stops(app: App): Promise<void> {
  assert.equal((await machine.systemctl('stop', app.unit)).status, 0);
  const { Result, ActiveState } = await machine.show(app.unit, 'Result', 'ActiveState');
  assert.deepEqual([Result, ActiveState], ['success', 'inactive']);
  assert.deepEqual(app.processes(), []);
  await eventually('a stop gives the port back', () => !listens(machine, app.port));
}
