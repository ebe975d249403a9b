// A release whose command cannot be run fails like any other, and the old one keeps serving.
import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture, node } from '../../helpers/paths.js';
import { refusesRelease } from '../../helpers/releases/release.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';

/** A directory with a script that becomes Node. */
function withScript(directory: string): string {
  const script = join(directory, 'run.sh');
  writeFileSync(script, `#!/bin/sh\nexec '${node}' '${fixture('answers-pid.mjs')}'\n`);
  chmodSync(script, 0o755);
  return script;
}

describe('a release', { concurrency: 2 }, () => {
  test('without its command is refused', async (t) => {
    const cwd = scratch(t);
    const script = withScript(cwd);
    const master = startSupervisor(t, ['--', './run.sh'], { cwd });
    await refusesRelease(
      master,
      { cause: 'exited', reason: /command not found: \.\/run\.sh$/ },
      {
        spoil: () => renameSync(script, `${script}.away`),
        repair: () => renameSync(`${script}.away`, script),
      },
    );
  });

  test('whose command is not executable is refused', async (t) => {
    const cwd = scratch(t);
    const script = withScript(cwd);
    const master = startSupervisor(t, ['--', './run.sh'], { cwd });
    await refusesRelease(
      master,
      { cause: 'exited', reason: /\.\/run\.sh: is not executable$/ },
      {
        spoil: () => chmodSync(script, 0o644),
        repair: () => chmodSync(script, 0o755),
      },
    );
  });

  test('whose interpreter does not exist is refused', async (t) => {
    const cwd = scratch(t);
    const script = withScript(cwd);
    const master = startSupervisor(t, ['--', './run.sh'], { cwd });
    await refusesRelease(
      master,
      { cause: 'exited', reason: /its interpreter \/no\/such\/interpreter is not there$/ },
      {
        spoil: () => writeFileSync(script, '#!/no/such/interpreter\n'),
        repair: () => withScript(cwd),
      },
    );
  });

  test('whose directory does not exist is refused', async (t) => {
    const parent = scratch(t);
    const cwd = join(parent, 'release');
    mkdirSync(cwd);
    withScript(cwd);
    const master = startSupervisor(t, ['--cwd', cwd, '--', './run.sh'], {
      cwd: parent,
      env: { GRACEFUL_RUN_NAME: 'in-a-release' },
    });
    await refusesRelease(
      master,
      { cause: 'exited', reason: /working directory .*release: ENOENT/ },
      {
        spoil: () => renameSync(cwd, `${cwd}.away`),
        repair: () => renameSync(`${cwd}.away`, cwd),
      },
    );
  });
});
