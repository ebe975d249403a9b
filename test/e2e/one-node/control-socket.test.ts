// The control socket as a file that others may reach for: taken over from the dead, never from the living. What clients
// may send to it is the matter of test/control.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node } from '../../helpers/paths.js';
import { knock } from '../../helpers/polling-client.js';
import { type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const APP = ['--', node, fixture('answers-pid.mjs')];

/** A place for control sockets that several masters share. */
function shared(t: TestContext) {
  const runtime = scratch(t);
  const directory = join(runtime, 'graceful-run');
  return {
    directory,
    socket: join(directory, 'shop.sock'),
    env: { XDG_RUNTIME_DIR: runtime, GRACEFUL_RUN_NAME: 'shop' } as NodeJS.ProcessEnv,
  };
}

async function isRefused(master: Supervisor, line: RegExp): Promise<void> {
  assert.deepEqual(await master.exited(), { status: 1, signal: null });
  await eventually('its last word', () => master.output().endsWith('\n'));
  assert.match(master.output(), /^graceful-run: [^\n]+\n$/);
  assert.match(master.output().trimEnd(), line);
  assert.deepEqual(master.log(), []);
}

test('a second master of the same name, port or path is refused, and the first unharmed', async (t) => {
  const { directory, env } = shared(t);
  const run = scratch(t);
  const listen = ['-l', '127.0.0.1:0?for=./web.sock', '-l', `unix:${run}/app.sock`];
  const command = ['--', node, fixture('listens-at-last.mjs')];
  env.ADDRESSES = `./web.sock ${run}/app.sock`;
  const first = startSupervisor(t, [...listen, ...command], { env });
  const before = await served(first);
  const visitor = knock(addressOf(before));
  const files = readdirSync(run);

  await isRefused(
    startSupervisor(t, command, { env }),
    /shop\.sock: another process is listening on it \(is it running already\? .* --name /,
  );
  const others = { ...env, GRACEFUL_RUN_NAME: 'other' };
  await isRefused(
    startSupervisor(t, ['-l', addressOf(before), ...command], { env: others }),
    /cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE/,
  );
  await isRefused(
    startSupervisor(t, ['-l', `unix:${run}/app.sock`, ...command], { env: others }),
    /cannot listen on unix:.*\/app\.sock: another process is listening on it$/,
  );

  await visitor.stop();
  assert.deepEqual(visitor.failures, []);
  assert.deepEqual(readdirSync(run), files);
  assert.deepEqual(readdirSync(directory), ['shop.sock', 'shop.sock.notify']);
  assert.equal(await get(`unix:${run}/app.sock`), '1');
  assert.equal((await first.client('reload')).status, 0);
});

test('what a killed master left behind is taken over', async (t) => {
  const { directory, socket, env } = shared(t);
  const run = scratch(t);
  const options = { env: { ...env, ADDRESS: `${run}/app.sock` } };
  const args = ['-l', `unix:${run}/app.sock`, ...APP];
  const first = startSupervisor(t, args, options);
  await served(first);
  const files = [readdirSync(directory), readdirSync(run)];
  const inode = statSync(socket).ino;
  first.signal('SIGKILL');
  await first.exited();
  assert.deepEqual([readdirSync(directory), readdirSync(run)], files);

  const second = startSupervisor(t, args, options);
  const { pid, workers } = await served(second);
  assert.equal(pid, second.pid);
  assert.notEqual(statSync(socket).ino, inode);
  assert.deepEqual([readdirSync(directory), readdirSync(run)], files);
  assert.equal(await get(`unix:${run}/app.sock`), `${workers[0]?.pid} 1`);
  second.signal('SIGTERM');
  assert.deepEqual(await second.exited(), { status: 0, signal: null });
  assert.deepEqual([readdirSync(directory), readdirSync(run)], [[], []]);
});
