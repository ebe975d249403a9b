// Releases that cannot serve: the old generation is not disturbed, the client that asked for the reload is told the
// reason, and the repaired release is taken.
import { symlinkSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fixture, node } from '../helpers/paths.js';
import { BROKEN_RELEASES, SHORT_START } from '../helpers/releases/broken-releases.js';
import { refusesRelease } from '../helpers/releases/release.js';
import { scratch, startSupervisor } from '../helpers/supervisor.js';

const WORKING = fixture('answers-pid.mjs');

/** Makes `app.js` in `directory` that file, at one stroke; null: no file at all. */
async function deploy(directory: string, file: string | null): Promise<void> {
  const app = join(directory, 'app.js');
  if (file === null) return rm(app);
  symlinkSync(file, `${app}.new`);
  await rename(`${app}.new`, app);
}

describe('a release that', { concurrency: 3 }, () => {
  for (const { what, file, hangs, ...expected } of BROKEN_RELEASES) {
    test(what, async (t) => {
      const cwd = scratch(t);
      await deploy(cwd, WORKING);
      const options = hangs ? SHORT_START : [];
      const master = startSupervisor(t, [...options, '--', node, 'app.js'], { cwd });
      await refusesRelease(master, expected, {
        spoil: () => deploy(cwd, file && fixture(`broken/${file}`)),
        repair: () => deploy(cwd, WORKING),
      });
    });
  }

  test('is killed while it starts, as the kernel does when memory runs out', async (t) => {
    const cwd = scratch(t);
    await deploy(cwd, WORKING);
    const master = startSupervisor(t, ['--', node, 'app.js'], { cwd });
    const ending = { type: 'signal', signal: 'SIGKILL' } as const;
    await refusesRelease(
      master,
      { cause: 'exited', ending },
      {
        spoil: () => deploy(cwd, fixture('broken/never-listens.mjs')),
        async meanwhile() {
          const { workerPid } = await master.logged(
            ({ event, generation }) => event === 'spawned' && generation === 2,
          );
          process.kill(workerPid ?? 0, 'SIGKILL');
        },
        repair: () => deploy(cwd, WORKING),
      },
    );
  });
});
