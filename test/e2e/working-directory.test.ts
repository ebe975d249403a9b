// Each worker enters the working directory by its logical path: a deployment that moves a link works wherever the master was
// started, and may remove the old release.
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { addressOf, get } from '../helpers/client.js';
import { fixture, node } from '../helpers/paths.js';
import { startServingCommand } from '../helpers/serving.js';
import { type Supervisor, scratch } from '../helpers/supervisor.js';

const APP = ['--', node, './app.mjs'];
const NAMED = { GRACEFUL_RUN_NAME: 'deployed' };

interface Site {
  readonly root: string;
  /** The link to the current release. */
  readonly current: string;
}

/** A directory with releases 1 and 2, the first of which is current. */
function site(t: TestContext): Site {
  const root = realpathSync(scratch(t));
  const current = join(root, 'current');
  for (const version of ['1', '2']) {
    const release = join(root, 'releases', version);
    mkdirSync(release, { recursive: true });
    writeFileSync(join(release, 'version'), version);
    symlinkSync(fixture('tells-place.mjs'), join(release, 'app.mjs'));
  }
  symlinkSync('releases/1', current);
  return { root, current };
}

function deploySecond({ current }: Site): void {
  symlinkSync('releases/2', `${current}.new`);
  renameSync(`${current}.new`, current);
}

async function place(master: Supervisor): Promise<{ cwd: string; PWD: string; version: string }> {
  return JSON.parse(await get(addressOf(await master.status())));
}

for (const [what, from, args] of [
  ['in which the master was started', 'current', []],
  ['of --cwd', 'root', ['--cwd', 'current']],
] as const) {
  test(`a reload follows the link ${what}, and the old release may be gone`, async (t) => {
    const there = site(t);
    const options = { cwd: there[from], env: NAMED };
    const { master } = await startServingCommand(t, [...args, ...APP], options);
    const before = { cwd: join(there.root, 'releases/1'), PWD: there.current, version: '1' };
    assert.deepEqual(await place(master), before);
    deploySecond(there);
    rmSync(before.cwd, { recursive: true });
    const reload = await master.client('reload');
    assert.equal(reload.status, 0, reload.stderr);
    const after = { cwd: join(there.root, 'releases/2'), PWD: there.current, version: '2' };
    assert.deepEqual(await place(master), after);
  });
}

test('a PWD that names another directory is ignored', async (t) => {
  const { root, current } = site(t);
  const physical = join(root, 'releases/2');
  for (const PWD of [current, '/nonexistent', 'releases/2', '']) {
    const options = { cwd: physical, env: { ...NAMED, PWD } };
    const { master } = await startServingCommand(t, APP, options);
    assert.deepEqual(await place(master), { cwd: physical, PWD: physical, version: '2' });
  }
});
