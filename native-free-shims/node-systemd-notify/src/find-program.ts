// Where a program is, without a shell.
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All that bear the name, along PATH, then in the places of a distribution. */
export function findPrograms(name: string, env: NodeJS.ProcessEnv): string[] {
  const folders = [...(env.PATH ?? '').split(':'), '/usr/bin', '/bin'];
  // An empty element of PATH would mean the working directory, which may be anybody's.
  const files = folders.filter((folder) => folder.startsWith('/')).map((one) => join(one, name));
  const seen = new Set<string>();
  return files.filter((file) => {
    if (!isExecutable(file)) return false;
    // /bin is /usr/bin nowadays.
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
