// Installs unit files: all of them or none. Files and units that are there already are not replaced unless that is asked for.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, StartError } from '../errors.js';
import type { UnitFile } from './render.js';

export const SYSTEM_UNITS = '/etc/systemd/system';

/** Units in these directories are hidden by those of the same name in SYSTEM_UNITS, systemd.unit(5). */
const HIDDEN_UNITS = [
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export interface Installed {
  readonly path: string;
  readonly changed: boolean;
}

export interface InstallOptions {
  readonly directory: string;
  /** Replace files that differ, and hide units of other directories. */
  readonly force: boolean;
  /** The command to show to a user who may not write there. */
  readonly asRoot: string;
  readonly hidden?: readonly string[];
}

/** Writes the files into `directory`. Throws StartError, with `force` only for what the system refuses. */
export async function installUnits(
  files: readonly UnitFile[],
  { directory, force, asRoot, hidden = HIDDEN_UNITS }: InstallOptions,
): Promise<Installed[]> {
  const planned: (Installed & { readonly text: string })[] = [];
  for (const { name, text } of files) {
    const path = join(directory, name);
    const present = await contentOf(path);
    planned.push({ path, text, changed: present !== text });
    if (force) continue;
    if (present !== null && present !== text) {
      const hint =
        'without --install it prints what it would write, to compare; --force overwrites';
      throw new StartError(`${path} is there and differs; nothing was written`, hint);
    }
    const others = hidden.filter((other) => other !== directory);
    const namesake = others.map((other) => join(other, name)).find((other) => existsSync(other));
    if (namesake !== undefined) {
      const hint = 'choose another --name; --force puts it in front of that one';
      throw new StartError(`${namesake} has that name already; nothing was written`, hint);
    }
  }
  for (const { path, text, changed } of planned) if (changed) await replace(path, text, asRoot);
  return planned.map(({ path, changed }) => ({ path, changed }));
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new StartError(`cannot read ${path}: ${describeError(error)}`, undefined, {
      cause: error,
    });
  }
}

/** Whole or not at all: systemd may read the file, and the machine may stop, at any moment. */
async function replace(path: string, text: string, asRoot: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, text, { flag: 'wx', flush: true });
    // Whatever the umask is: systemd warns of units that not every user may read, or that other users may write.
    await chmod(temporary, 0o644);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    const { code = '' } = error as NodeJS.ErrnoException;
    const hint = ['EACCES', 'EPERM'].includes(code) ? asRoot : undefined;
    throw new StartError(`cannot write ${path}: ${describeError(error)}`, hint, { cause: error });
  }
}
