// `graceful-run/worker`: what an app may do when it wants a say in its replacement.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { converse } from '../../helpers/raw-http-client.js';
import { cleanEnvironment, startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served } from '../../helpers/wait-generation.js';

interface Closer {
  readonly name: string;
  readonly how?: 'well' | 'throws' | 'never';
  readonly timeout?: number;
}

const app = ['--', node, fixture('uses-library.mjs')];

async function start(t: TestContext, closers: readonly Closer[], args: string[] = [], env = {}) {
  const all = { CLOSERS: JSON.stringify(closers), ...env };
  const master = startSupervisor(t, [...args, ...app], { env: all });
  const address = addressOf(await served(master));
  const pid = await pidOf(master, 1);
  const told = () =>
    [...master.output().matchAll(new RegExp(`^${pid} (.*)$`, 'gm'))].map(([, text]) => text ?? '');
  /** A client whose request has arrived, and is answered after SIGUSR2. */
  const slowClient = async () => {
    const client = await converse(t, address);
    client.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await eventually('the request is there', () => told().includes('got /slow'));
    return client;
  };
  return { master, pid, told, slowClient };
}

test('closers run in reverse order, one after the other, when the last connection is gone', async (t) => {
  const closers = [{ name: 'database' }, { name: 'cache' }, { name: 'queue' }];
  const { master, pid, told, slowClient } = await start(t, closers);
  const client = await slowClient();
  master.signal('SIGHUP');
  await eventually('it knows', () => told().includes('retiring: promise'));
  assert.equal(told().filter((text) => /^closing/.test(text)).length, 0);

  process.kill(pid, 'SIGUSR2');
  await gone(master, pid);
  assert.deepEqual(told().slice(told().indexOf('retiring: signal')), [
    'retiring: signal',
    'retiring: promise',
    'answered /slow',
    ...['queue', 'cache', 'database'].flatMap((name) => [`closing ${name}`, `closed ${name}`]),
  ]);
  assert.match(await client.until(/\r\n\r\n\d+$/), /200 OK/);
});

test('a closer that fails or takes too long is reported, and the next one runs', async (t) => {
  const closers: Closer[] = [
    { name: 'database' },
    { name: 'cache', how: 'throws' },
    { name: 'queue', how: 'never', timeout: 100 },
  ];
  const { master, pid, told } = await start(t, closers);
  master.signal('SIGHUP');
  await gone(master, pid);
  assert.deepEqual(told().slice(-4), [
    'closing queue',
    'closing cache',
    'closing database',
    'closed database',
  ]);
  const warnings = master.log().filter((line) => /^closing /.test(line.msg));
  assert.deepEqual(
    warnings.map(({ level, msg }) => [level, msg]),
    [
      [40, 'closing queue: not done after 100 ms'],
      [40, 'closing cache: cache does not want to'],
    ],
  );
  await master.settled(2);
});

test('when connections need all the time, the closers still get their part of it', async (t) => {
  const args = ['--drain-timeout', '1s'];
  const { master, pid, told, slowClient } = await start(t, [{ name: 'database' }], args);
  await slowClient();
  master.signal('SIGHUP');
  await gone(master, pid);
  assert.ok(told().includes('closed database'));
});

test('an app that closes its server when it hears of it loses no request', async (t) => {
  const { master, pid, told, slowClient } = await start(t, [], [], { CLOSE_ITSELF: '1' });
  const client = await slowClient();
  master.signal('SIGHUP');
  await eventually('it knows', () => told().includes('retiring: promise'));
  await served(master, 2);
  process.kill(pid, 'SIGUSR2');
  assert.match(await client.until(/\r\n\r\n\d+$/), new RegExp(`\r\n\r\n${pid}$`));
  await gone(master, pid);
});

test('sockets() names what was passed, and ready() is heard', async (t) => {
  const listen = ['--listen', 'web=127.0.0.1:0', '--listen', 'admin=127.0.0.1:0'];
  const args = [...listen, '--ready', 'ipc'];
  const { master, told } = await start(t, [], args, { PASSED: '1' });
  assert.equal(told()[0], 'sockets [{"fd":3,"name":"web"},{"fd":4,"name":"admin"}]');
  const status = await master.status();
  assert.equal(await get(addressOf(status, 0)), String(status.workers[0]?.pid));
  assert.equal(await get(addressOf(status, 1)), 'admin');
});

test('without graceful-run the library does nothing', async (t) => {
  const env = { ...cleanEnvironment(), CLOSERS: '[{"name":"database"}]' };
  const child = spawn(node, [fixture('uses-library.mjs')], { env, stdio: ['ignore', 'pipe', 2] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually('it listens', () => said.includes('listens'));
  child.kill('SIGTERM');
  const [status, signal] = await once(child, 'exit');
  assert.deepEqual([status, signal], [null, 'SIGTERM'], 'no handler of ours is in the way');
  assert.deepEqual(
    said.split('\n').map((line) => line.replace(/^\d+ /, '')),
    ['sockets []', 'retiring false', 'listens', ''],
  );
});
