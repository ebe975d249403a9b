// Releases that cannot serve as the first generation: no other one serves, so the master logs once what is wrong and
// exits with a status that a script can read.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture, node } from '../../helpers/paths.js';
import { BROKEN_RELEASES, SHORT_START } from '../../helpers/releases/broken-releases.js';
import { type Expected, statesFailure } from '../../helpers/releases/release.js';
import { takePort } from '../../helpers/sockets/ports.js';
import { isRunning, type Supervisor, scratch, startSupervisor } from '../../helpers/supervisor.js';

/** Asserts that the master leaves with this status, after exactly one error, and nothing of it is left. */
async function fails(master: Supervisor, status: number, expected: Expected): Promise<void> {
  assert.deepEqual(await master.exited(), { status, signal: null });
  const last = await master.logged('shutdownDone');
  assert.equal(last.status, status);
  const errors = master.log().filter((line) => line.level >= 50);
  assert.deepEqual(
    errors.map(({ event, generation }) => [event, generation]),
    [['rolledBack', 1]],
    errors.map((line) => line.msg).join('\n'),
  );
  statesFailure(await master.logged('rolledBack'), expected);
  for (const { workerPid } of master.log()) if (workerPid) assert.ok(!isRunning(workerPid));
}

describe('a first generation that', { concurrency: 3 }, () => {
  for (const { what, file, hangs, ...expected } of BROKEN_RELEASES) {
    test(what, async (t) => {
      const app = file ? fixture(`broken/${file}`) : 'app.js';
      const master = startSupervisor(t, [...(hangs ? SHORT_START : []), '--', node, app]);
      await fails(master, 1, expected);
    });
  }

  test('is killed while it starts', async (t) => {
    const master = startSupervisor(t, ['--', node, fixture('broken/never-listens.mjs')]);
    const { workerPid } = await master.logged('spawned');
    process.kill(workerPid ?? 0, 'SIGKILL');
    await fails(master, 1, {
      cause: 'exited',
      ending: { type: 'signal', signal: 'SIGKILL' },
    });
  });

  test('has several workers, of which one fails', async (t) => {
    const app = fixture('broken/throws-at-import.mjs');
    const master = startSupervisor(t, ['-w', '3', '-l', '127.0.0.1:0', '--', node, app]);
    assert.deepEqual(await master.exited(), { status: 1, signal: null });
    await master.logged('shutdownDone');
    const told = master.log().filter((line) => line.level >= 50);
    assert.equal(told.length, 1);
    assert.match(told[0]?.msg ?? '', /worker \d of generation 1 .* no such setting: DATABASE_URL/);
  });

  test('finds its port taken by another program', async (t) => {
    const taken = await takePort(t);
    const master = startSupervisor(t, ['--', node, fixture('answers-pid.mjs')], {
      env: { ADDRESS: `127.0.0.1:${taken}` },
    });
    const reason = new RegExp(`Error: listen EADDRINUSE: .* 127\\.0\\.0\\.1:${taken}\\n`);
    await fails(master, 1, { cause: 'exited', reason });
  });
});

describe('a first command that', () => {
  test('is not there', async (t) => {
    const master = startSupervisor(t, ['--', 'no-such-command', 'app.js']);
    await fails(master, 127, { cause: 'exited', reason: /command not found: no-such-command$/ });
    const script = startSupervisor(t, ['--', './run.sh']);
    await fails(script, 127, { cause: 'exited', reason: /command not found: \.\/run\.sh$/ });
  });

  test('is not executable', async (t) => {
    const cwd = scratch(t);
    writeFileSync(join(cwd, 'run.sh'), '#!/bin/sh\n');
    const master = startSupervisor(t, ['--', './run.sh'], { cwd });
    await fails(master, 126, { cause: 'exited', reason: /\.\/run\.sh: is not executable$/ });
  });

  test('is a directory', async (t) => {
    const cwd = scratch(t);
    mkdirSync(join(cwd, 'run'));
    const master = startSupervisor(t, ['--', './run'], { cwd });
    await fails(master, 126, { cause: 'exited', reason: /\.\/run: is a directory$/ });
  });

  test('names an interpreter that is not there', async (t) => {
    const cwd = scratch(t);
    writeFileSync(join(cwd, 'run.sh'), '#!/no/such/shell -e\n');
    chmodSync(join(cwd, 'run.sh'), 0o755);
    const master = startSupervisor(t, ['--', './run.sh'], { cwd });
    await fails(master, 126, {
      cause: 'exited',
      reason: /\.\/run\.sh: its interpreter \/no\/such\/shell is not there$/,
    });
  });

  test('is to run in a directory that is not there', async (t) => {
    const master = startSupervisor(t, ['--cwd', 'releases/7', '--', node, 'app.js']);
    await fails(master, 1, {
      cause: 'exited',
      reason: /working directory .*\/releases\/7: ENOENT/,
    });
  });
});
