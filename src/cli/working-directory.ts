// The working directory by the path that the user knows it by.
import { statSync } from 'node:fs';

/**
 * The working directory with its symbolic links: if the user is in a link such as `current`, each worker follows that
 * link again. PWD is ignored if it names another directory. The path is right even if the directory has been removed.
 */
export function logicalDirectory(env: NodeJS.ProcessEnv): string {
  const physical = currentDirectory();
  const logical = env.PWD;
  if (!logical?.startsWith('/')) return physical ?? '/';
  return physical === null || isSameDirectory(logical, physical) ? logical : physical;
}

function currentDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

function isSameDirectory(a: string, b: string): boolean {
  try {
    const [first, second] = [statSync(a), statSync(b)];
    return first.ino === second.ino && first.dev === second.dev;
  } catch {
    return false;
  }
}
