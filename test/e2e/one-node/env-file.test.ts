// --env-file with real reloads: each generation has what the files said when it began, and fails when a file is broken.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { fixture, node } from '../../helpers/paths.js';
import { deploy } from '../../helpers/releases/deploy.js';
import { type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const APP = ['--', node, fixture('tells-environment.mjs')];

/** The environment of the app. */
async function look(master: Supervisor): Promise<Readonly<Record<string, string>>> {
  const { app } = JSON.parse(await get(addressOf(await master.status())));
  return app.env;
}

function place(t: TestContext) {
  const cwd = scratch(t);
  const file = join(cwd, '.env');
  return { cwd, file, write: (text: string) => deploy(file, text) };
}

test('a reload applies what was changed, added and removed in the files', async (t) => {
  const { cwd, write } = place(t);
  writeFileSync(join(cwd, 'second.env'), 'BOTH=second');
  write('KEPT=1\nCHANGED=1\nREMOVED=1\nBOTH=first\nOWN=file');
  const files = ['--env-file', '.env', '--env-file=second.env'];
  const master = startSupervisor(t, [...files, ...APP], { cwd, env: { OWN: 'master' } });
  await served(master);
  const { KEPT, CHANGED, REMOVED, BOTH, OWN } = await look(master);
  assert.deepEqual(
    { KEPT, CHANGED, REMOVED, BOTH, OWN },
    { KEPT: '1', CHANGED: '1', REMOVED: '1', BOTH: 'second', OWN: 'master' },
  );

  // Node has seen the option in the command line of the master as well: what it read must not stay there.
  write('KEPT=1\nCHANGED=2\nADDED=2');
  assert.equal((await master.client('reload')).status, 0);
  await master.settled(2);
  const env = await look(master);
  assert.deepEqual([env.KEPT, env.CHANGED, env.ADDED, env.REMOVED], ['1', '2', '2', undefined]);
});

test('a broken file fails only the generation that reads it, and the reason names the line', async (t) => {
  const { cwd, file, write } = place(t);
  write('A=1');
  const master = startSupervisor(t, ['--env-file', '.env', ...APP], { cwd });
  const { workers } = await served(master);

  write('A=2\n\nB="2');
  const failed = await master.client('reload');
  assert.equal(failed.status, 1);
  const problem = `could not be started: env file ${file}, line 3: is neither NAME=value, with complete quotes,`;
  assert.ok(failed.stderr.includes(problem), failed.stderr);
  assert.equal((await look(master)).A, '1');

  // A replacement in the generation that serves has its values, whatever the file says now.
  const after = master.log().length;
  process.kill(workers[0]?.pid ?? 0, 'SIGKILL');
  await master.logged((line) => line.event === 'ready' && line.generation === 1, after);
  await master.settled(1);
  assert.equal((await look(master)).A, '1');

  rmSync(file);
  const missing = await master.client('reload');
  assert.equal(missing.status, 1);
  assert.ok(missing.stderr.includes(`env file ${file}: ENOENT: no such file`), missing.stderr);

  write('A=4');
  assert.equal((await master.client('reload')).status, 0);
  assert.equal((await look(master)).A, '4');
});
