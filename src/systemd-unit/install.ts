// Puts unit files in place: all of them or none, and nothing of somebody else is overwritten unasked.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, StartError } from '../errors.js';
import type { UnitFile } from './render.js';

export const SYSTEM_UNITS = '/etc/systemd/system';

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
  readonly force: boolean;
  readonly asRoot: string;
  /** Directories whose units one in `directory` would hide. */
  readonly hidden?: readonly string[];
}

/**
 * Writes the files into `directory`. Throws StartError before anything is written when one is there with
 * another content, or one elsewhere that it would hide, and `force` is not given; `asRoot` is the hint for a user who may not write there.
 */
export async function installUnits(
  files: readonly UnitFile[],
  { directory, force, asRoot, hidden = HIDDEN_UNITS }: InstallOptions,
): Promise<Installed[]> {
  const places = await Promise.all(
    files.map(async ({ name, text }) => {
      const path = join(directory, name);
      return { path, text, present: await contentOf(path) };
    }),
  );
  const other = places.find(({ present, text }) => present !== null && present !== text);
  if (other && !force) {
    const hint = `without --install it prints what it would write, to compare; --force overwrites`;
    throw new StartError(`${other.path} is there and differs; nothing was written`, hint);
  }
  const namesake = files.map(({ name }) => namesakeOf(name, hidden, directory)).find(Boolean);
  if (namesake && !force) {
    const hint = 'choose another --name; --force puts it in front of that one';
    throw new StartError(`${namesake} has that name already; nothing was written`, hint);
  }
  const installed: Installed[] = [];
  for (const { path, text, present } of places) {
    const changed = present !== text;
    if (changed) await replace(path, text, asRoot);
    installed.push({ path, changed });
  }
  return installed;
}

/** A unit of a package or of the machine, which one of that name in /etc would hide, systemd.unit(5). */
function namesakeOf(
  name: string,
  hidden: readonly string[],
  directory: string,
): string | undefined {
  const elsewhere = hidden.filter((one) => one !== directory);
  return elsewhere.map((one) => join(one, name)).find((path) => existsSync(path));
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new StartError(`cannot read ${path}: ${describeError(error)}`);
  }
}

/** systemd may read at any moment, and the machine may stop at any moment: whole or not at all. */
async function replace(path: string, text: string, asRoot: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o644);
    try {
      await file.writeFile(text);
      // Whatever the umask is: systemd warns of units that not everybody may read, or that others may write.
      await file.chmod(0o644);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    const { code = '' } = error as NodeJS.ErrnoException;
    const hint = ['EACCES', 'EPERM'].includes(code) ? asRoot : undefined;
    throw new StartError(`cannot write ${path}: ${describeError(error)}`, hint);
  }
}
