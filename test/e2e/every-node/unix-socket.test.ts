// Unix sockets, given and adopted: the path is where clients look, and it is there as long as the master is.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { answers, knock } from '../../helpers/polling-client.js';
import { type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { gone, pidOf, served, throughGenerations } from '../../helpers/wait-generation.js';

const app = ['--', node, fixture('listens-on.mjs')];

/** Starts the app on `<directory>/app.sock`, given by the command line or opened by the app itself. */
function start(
  t: TestContext,
  how: 'given' | 'adopted',
  directory: string,
  { query = '', options = {}, env = {} } = {},
): Supervisor {
  const path = join(directory, 'app.sock');
  const args = how === 'given' ? ['--listen', `unix:${path}${query}`, ...app] : app;
  const all = { LISTEN_ON: JSON.stringify([{ path, ...options }]), ...env };
  return startSupervisor(t, args, { cwd: directory, env: all });
}

for (const how of ['given', 'adopted'] as const) {
  const setUp = (t: TestContext) => {
    const directory = scratch(t);
    const path = join(directory, 'app.sock');
    return { directory, path, address: `unix:${path}` };
  };

  test(`${how}: the path outlives the worker that bound it, and is gone after the stop`, async (t) => {
    const { directory, path, address } = setUp(t);
    const master = start(t, how, directory);
    await served(master);
    const first = await pidOf(master, 1);
    const knocking = knock(address);
    const { ino } = statSync(path);
    for (const generation of [2, 3]) {
      master.signal('SIGHUP');
      await served(master, generation);
    }
    await gone(master, first);
    assert.equal(statSync(path).ino, ino, 'clients that look for changes see none');
    await answers(address, /^0 \d+ 3$/);
    await knocking.stop();
    assert.deepEqual(knocking.failures, []);

    master.signal('SIGTERM');
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    assert.deepEqual(readdirSync(directory), [], 'nor is a helper file left');
  });

  test(`${how}: a file that a dead server left is replaced`, async (t) => {
    const { directory, path, address } = setUp(t);
    await leaveStaleSocket(path);
    const master = start(t, how, directory);
    await served(master);
    await answers(address, /^0 \d+ 1$/);
    master.signal('SIGTERM');
    await master.exited();
    assert.deepEqual(readdirSync(directory), []);
  });

  test(`${how}: a path on which somebody answers is refused, and he is unharmed`, async (t) => {
    const { directory, address } = setUp(t);
    const first = start(t, how, directory);
    await served(first);
    const second = start(t, how, directory, { env: { GRACEFUL_RUN_NAME: 'second' } });
    assert.deepEqual(await second.exited(), { status: 1, signal: null });
    const said = second.output() + second.log().map((line) => line.msg);
    assert.match(said, how === 'given' ? /another process is listening on it/ : /EADDRINUSE/);
    await answers(address, new RegExp(`^0 ${await pidOf(first, 1)} 1$`));
    first.signal('SIGHUP');
    await served(first, 2);
    await answers(address, /^0 \d+ 2$/);
  });

  test(`${how}: a file that another process put there stays at the stop`, async (t) => {
    const { directory, path, address } = setUp(t);
    const master = start(t, how, directory);
    await served(master);
    rmSync(path);
    const other = createServer((socket) => socket.end()).listen(path);
    t.after(() => other.close());
    master.signal('SIGTERM');
    await master.exited();
    assert.deepEqual(readdirSync(directory), ['app.sock']);
    await assert.rejects(get(address), { code: 'ECONNRESET' }, 'the other one still answers');
  });

  test(`${how}: an app that removes its path before it listens is found there again`, async (t) => {
    const { directory, address } = setUp(t);
    const master = start(t, how, directory, { env: { UNLINK: '1' } });
    await throughGenerations(master, 3, (generation) =>
      answers(address, new RegExp(`^0 \\d+ ${generation}$`)),
    );
    master.signal('SIGTERM');
    await master.exited();
    assert.deepEqual(readdirSync(directory), []);
  });

  test(`${how}: readableAll and writableAll open the file to everybody, in each generation`, async (t) => {
    const { directory, path, address } = setUp(t);
    const options = { readableAll: true, writableAll: true };
    const master = start(t, how, directory, { options });
    await throughGenerations(master, 2, async (generation) => {
      assert.equal(statSync(path).mode & 0o666, 0o666);
      await answers(address, new RegExp(`^0 \\d+ ${generation}$`));
    });
  });
}

test('a path that was renamed away is there again with the next generation', async (t) => {
  const directory = scratch(t);
  const master = start(t, 'adopted', directory);
  await served(master);
  const path = join(directory, 'app.sock');
  renameSync(path, join(directory, 'kept.sock'));
  master.signal('SIGHUP');
  await served(master, 2);
  assert.equal(existsSync(path), true, 'the new generation is found where it says it listens');
  await answers(`unix:${path}`, /^0 \d+ 2$/);
});

/** As a killed process leaves it: the file is there, and nobody listens. */
async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
  renameSync(`${path}.live`, path);
  await new Promise((resolve) => server.close(resolve));
}
