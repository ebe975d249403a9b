// Unix sockets, given and adopted: the path is where clients look, and it is there as long as the master is.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fixture, node } from '../../helpers/paths.js';
import { answers, knock } from '../../helpers/polling-client.js';
import { leaveDeadSocket } from '../../helpers/sockets/held-socket.js';
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

test('a file that a dead server left is replaced, and a path on which somebody answers is refused', async (t) => {
  const directory = scratch(t);
  const path = join(directory, 'app.sock');
  await leaveDeadSocket(path);
  const first = start(t, 'adopted', directory);
  await served(first);
  const own = new RegExp(`^0 ${await pidOf(first, 1)} 1$`);
  await answers(`unix:${path}`, own);
  const second = start(t, 'adopted', directory, { env: { GRACEFUL_RUN_NAME: 'second' } });
  assert.deepEqual(await second.exited(), { status: 1, signal: null });
  assert.match(second.output() + second.log().map((line) => line.msg), /EADDRINUSE/);
  await answers(`unix:${path}`, own);
});

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
