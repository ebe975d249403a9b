// A relative path in the directory of a release: each release has it, and clients go by the `current` link.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf } from '../helpers/client.js';
import { fixture, node } from '../helpers/paths.js';
import { answers } from '../helpers/polling-client.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';
import { gone, pidOf, served } from '../helpers/wait-generation.js';

function startReleases(t: TestContext) {
  const directory = scratch(t);
  const release = (number: number) => join(directory, `release-${number}`);
  const current = join(directory, 'current');
  const deploy = (number: number) => {
    mkdirSync(release(number));
    symlinkSync(release(number), join(directory, 'next'));
    renameSync(join(directory, 'next'), current);
  };
  deploy(1);
  const env = { LISTEN_ON: JSON.stringify([{ path: 'app.sock' }]) };
  const master = startSupervisor(t, ['--', node, fixture('listens-on.mjs')], { cwd: current, env });
  return { master, deploy, release, address: `unix:${join(current, 'app.sock')}` };
}

test('each release has the socket, and none is left after the stop', async (t) => {
  const { master, deploy, release, address } = startReleases(t);
  for (const generation of [1, 2, 3]) {
    if (generation > 1) {
      deploy(generation);
      master.signal('SIGHUP');
    }
    await served(master, generation);
    await answers(address, new RegExp(`^0 \\d+ ${generation}$`));
  }
  assert.equal(addressOf(await master.status()), `unix:${join(release(3), 'app.sock')}`);
  master.signal('SIGTERM');
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
  assert.deepEqual(
    [1, 2, 3].map((number) => readdirSync(release(number))),
    [[], [], []],
  );
});

test('the first release may be deleted', async (t) => {
  const { master, deploy, release, address } = startReleases(t);
  await served(master);
  deploy(2);
  master.signal('SIGHUP');
  await served(master, 2);
  await gone(master, await pidOf(master, 1));
  rmSync(release(1), { recursive: true });

  deploy(3);
  master.signal('SIGHUP');
  await served(master, 3);
  await answers(address, /^0 \d+ 3$/);
});
