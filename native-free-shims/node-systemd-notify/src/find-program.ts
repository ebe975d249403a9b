// Where a program is, without a shell.
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** Along PATH, then in the places of a distribution; null when it is nowhere. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | null {
  const folders = [...(env.PATH ?? '').split(':'), '/usr/bin', '/bin'];
  // An empty element of PATH would mean the working directory, which may be anybody's.
  const files = folders.filter((folder) => folder.startsWith('/')).map((one) => join(one, name));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
