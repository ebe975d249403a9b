// kill -9 of the master: its workers go with it, and the next start finds nothing in its way.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, connectTo, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { barePath } from '../../helpers/processes/bare-path.js';
import { converse } from '../../helpers/raw-http-client.js';
import { freePort } from '../../helpers/sockets/free-port.js';
import {
  isRunning,
  type Supervisor,
  type SupervisorOptions,
  scratch,
  startSupervisor,
} from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const answersPid = ['--', node, fixture('answers-pid.mjs')];

/** Kills the master; fails when one of its workers is still there a second later. */
async function killMaster(master: Supervisor): Promise<void> {
  const pids = (await master.status()).workers.map((one) => one.pid ?? 0);
  assert.ok(pids.length > 0);
  master.signal('SIGKILL');
  await master.exited();
  const left = () => pids.filter(isRunning);
  await eventually('its workers are gone', left, (found) => found.length === 0, 1000);
}

const without = (t: TestContext): SupervisorOptions => ({ env: barePath(t) });

for (const [place, options] of [
  ['with setpriv', (): SupervisorOptions => ({})],
  ['without setpriv', without],
] as const) {
  test(`the workers leave with their master, and the port is free, ${place}`, async (t) => {
    const address = `127.0.0.1:${freePort(t)}`;
    const env = { ...options(t).env, ADDRESS: address };
    const master = startSupervisor(t, ['--workers', '2', ...answersPid], { env });
    assert.equal(addressOf(await served(master)), address);
    await killMaster(master);
    await portIsFree(address);
  });

  test(`a worker leaves also when it is busy or draining, ${place}`, async (t) => {
    const command = ['--', node, fixture('answers-on-signal.mjs')];
    const master = startSupervisor(t, command, options(t));
    const client = await converse(t, addressOf(await served(master)));
    client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await eventually('the request is there', () => master.output().includes('got GET /slow'));
    master.signal('SIGHUP');
    const { workers } = await served(master, 2);
    assert.equal(workers.length, 2);
    await killMaster(master);
  });

  test(`a worker that starts leaves with its master, ${place}`, async (t) => {
    const cwd = scratch(t);
    const command = ['--', node, '-e', 'console.log("started"), setInterval(() => {}, 1000)'];
    const master = startSupervisor(t, command, { ...options(t), cwd });
    await eventually('it runs', () => master.output().includes('started'));
    await killMaster(master);
  });
}

test('without setpriv, an app that closed its channel leaves as well', async (t) => {
  const code =
    'server = http.createServer().listen(0, () => setTimeout(() => process.disconnect()))';
  const master = startSupervisor(t, ['--ready', 'after:300ms', '--', node, '-e', code], without(t));
  await served(master);
  await killMaster(master);
});

test('a worker whose event loop is blocked dies with its master', async (t) => {
  const command = ['--', node, fixture('blocks-its-loop.mjs')];
  const master = startSupervisor(t, command);
  const client = await converse(t, addressOf(await served(master)));
  client.say('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await eventually('it is blocked', () => master.output().includes('blocked'));
  await killMaster(master);
});

test('a worker that is not Node dies with its master', async (t) => {
  const address = `127.0.0.1:${freePort(t)}`;
  const args = ['--listen', address, '--ready', 'fd'];
  const command = ['--', '/usr/bin/python3', fixture('serves-inherited.py')];
  if (!existsSync('/usr/bin/python3')) return t.skip('no python3');
  const master = startSupervisor(t, [...args, ...command]);
  await served(master);
  assert.match(await get(address), /^\d+$/);
  await killMaster(master);
  await portIsFree(address);
});

test('the next start takes over the socket files of a dead master', async (t) => {
  const cwd = scratch(t);
  const env = { XDG_RUNTIME_DIR: scratch(t), ADDRESS: join(cwd, 'own.sock') };
  const control = join(cwd, 'control.sock');
  const listen = `unix:${join(cwd, 'given.sock')}?for=${join(cwd, 'own.sock')}`;
  for (const args of [answersPid, ['--listen', listen, '--control', control, ...answersPid]]) {
    const first = startSupervisor(t, args, { cwd, env });
    const status = await first.logged('rolledOut').then(() => statusOf(first, args, control));
    const address = addressOf(status);
    assert.match(await get(address), / 1$/);
    const workers = status.workers.map((one) => one.pid ?? 0);
    first.signal('SIGKILL');
    await first.exited();
    await eventually('no worker', () => workers.filter(isRunning).length === 0);

    const second = startSupervisor(t, args, { cwd, env });
    await second.logged('rolledOut');
    const after = await statusOf(second, args, control);
    assert.equal(addressOf(after), address);
    assert.equal(await get(address), `${after.workers[0]?.pid} 1`);
    second.signal('SIGTERM');
    assert.deepEqual(await second.exited(), { status: 0, signal: null });
    assert.equal(existsSync(address.slice('unix:'.length)), false);
  }
});

async function statusOf(master: Supervisor, args: readonly string[], control: string) {
  if (!args.includes(control)) return master.status();
  const { stdout } = await master.client('status', '--json', '--control', control);
  return JSON.parse(stdout) as Awaited<ReturnType<Supervisor['status']>>;
}

/** Not at once: a process is a zombie as soon as its first thread is gone, and the last one has the files. */
async function portIsFree(address: string): Promise<void> {
  const bindOnce = () =>
    new Promise<boolean>((resolve, reject) => {
      const server = createServer();
      server.once('error', reject);
      server.listen(connectTo(address), () => server.close(() => resolve(true)));
    });
  await eventually(`${address} is free`, bindOnce, Boolean, 1000);
}
