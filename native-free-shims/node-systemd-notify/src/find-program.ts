// Finds a program without a shell.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All executable files of this name, each once: in the order of PATH, then in /usr/bin and /bin. */
export function findPrograms(name: string, env: NodeJS.ProcessEnv): string[] {
  const directories = [...(env.PATH ?? '').split(':'), '/usr/bin', '/bin'];
  // Without empty and relative elements: the working directory may belong to another user.
  const absolute = directories.filter((directory) => directory.startsWith('/'));
  const files = absolute.map((directory) => join(directory, name));
  const seen = new Set<string>();
  return files.filter((file) => {
    if (!isExecutable(file)) return false;
    // /bin is a link to /usr/bin on most systems.
    const real = realpathSync(file);
    return !seen.has(real) && seen.add(real);
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
