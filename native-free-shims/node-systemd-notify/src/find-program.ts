// Finds a program without a shell.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All executable files of this name, each once: in the order of PATH, then in /usr/bin and /bin. */
export function findPrograms(name: string, env: NodeJS.ProcessEnv): string[] {
  const directories = `${env.PATH ?? ''}:/usr/bin:/bin`.split(':');
  const files = directories
    // Without empty and relative elements: the working directory may belong to another user.
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, name))
    .filter(isExecutable);
  // /bin is a link to /usr/bin on most systems.
  const real = files.map((file) => realpathSync(file));
  return files.filter((_, i) => real.indexOf(real[i] ?? '') === i);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
