// Installs unit files: all of them, or none if one would replace a file that differs.
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeError, StartError } from '../errors.js';
import type { UnitFile } from './unit-text.js';

/** Returns the paths. `asRoot` is the advice for a user who may not write there. Throws StartError. */
export function installUnits(
  files: readonly UnitFile[],
  directory: string,
  asRoot: string,
): string[] {
  const planned = files.map(({ name, text }) => ({ path: join(directory, name), text }));
  for (const { path, text } of planned) {
    if (existsSync(path) && present(path) !== text) {
      const hint = 'compare it with what is printed without --install, and remove it first';
      throw new StartError(`${path} is there and differs; nothing was written`, hint);
    }
  }
  for (const { path, text } of planned) {
    try {
      writeWhole(path, text);
    } catch (cause) {
      const refused = ['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException).code ?? '');
      const problem = `cannot write ${path}: ${describeError(cause)}`;
      throw new StartError(problem, refused ? asRoot : undefined, { cause });
    }
  }
  return planned.map(({ path }) => path);
}

function present(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartError(`cannot read ${path}: ${describeError(cause)}`, undefined, { cause });
  }
}

/** Whole or not at all: systemd may read the file, and the machine may stop, at any moment. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', flush: true });
    // Whatever the umask is: systemd warns of units that not every user may read, or that other users may write.
    chmodSync(temporary, 0o644);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}
