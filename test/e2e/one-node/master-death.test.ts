// kill -9 of the master: its workers go with it, whatever they do, and their port is free.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { connectTo } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { barePath } from '../../helpers/processes/bare-path.js';
import { converse } from '../../helpers/raw-http-client.js';
import { startServing, startServingCommand } from '../../helpers/serving.js';
import { freePort } from '../../helpers/sockets/free-port.js';
import { isRunning, type Supervisor, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

/** Kills the master; fails when one of its workers is still there a second later. */
async function killMaster(master: Supervisor): Promise<void> {
  const pids = (await master.status()).workers.map((one) => one.pid ?? 0);
  assert.ok(pids.length > 0);
  master.signal('SIGKILL');
  await master.exited();
  const left = () => pids.filter(isRunning);
  await eventually('its workers are gone', left, (found) => found.length === 0, 1000);
}

for (const hasSetpriv of [true, false]) {
  const place = hasSetpriv ? 'with setpriv' : 'without setpriv';

  test(`ready, busy and draining workers leave with their master, and the port is free, ${place}`, async (t) => {
    const options = hasSetpriv ? {} : { env: barePath(t) };
    const { master, address } = await startServing(t, 'answers-on-signal.mjs', [], options);
    const busy = await converse(t, address);
    busy.say('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n');
    await master.wrote('got GET /slow');
    master.signal('SIGHUP');
    const { workers } = await served(master, 2);
    assert.equal(workers.length, 2);
    await killMaster(master);
    await portIsFree(address);
  });

  test(`a worker that starts leaves with its master, ${place}`, async (t) => {
    const command = ['--', node, '-e', 'console.log("started"), setInterval(() => {}, 1000)'];
    const master = startSupervisor(t, command, hasSetpriv ? {} : { env: barePath(t) });
    await master.wrote('started');
    await killMaster(master);
  });
}

test('without setpriv, an app that closed its channel leaves as well', async (t) => {
  const code = "http.createServer().listen(0, () => (process.disconnect(), console.log('closed')))";
  const words = ['--ready', 'after:300ms', '--', node, '-e', code];
  const master = startSupervisor(t, words, { env: barePath(t) });
  await master.wrote('closed');
  await served(master);
  await killMaster(master);
});

test('a worker whose event loop is blocked dies with its master', async (t) => {
  const { master, address } = await startServing(t, 'blocks-its-loop.mjs');
  const client = await converse(t, address);
  client.say('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await master.wrote('blocked');
  await killMaster(master);
});

test('a worker that is not Node dies with its master', async (t) => {
  if (!existsSync('/usr/bin/python3')) return t.skip('no python3');
  const args = ['--listen', `127.0.0.1:${freePort(t)}`, '--ready', 'fd'];
  const command = ['--', '/usr/bin/python3', fixture('serves-inherited.py')];
  const { master, address } = await startServingCommand(t, [...args, ...command]);
  await killMaster(master);
  await portIsFree(address);
});

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
