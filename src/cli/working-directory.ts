// The working directory by the path that the user knows it by.
import { realPath } from '../linux/paths.js';

/**
 * The working directory with its symbolic links: if the user is in a link such as `current`, each worker follows that
 * link again. PWD is ignored if it names another directory. The path is right even if the directory has been removed.
 */
export function logicalDirectory(env: NodeJS.ProcessEnv): string {
  const physical = currentDirectory();
  const logical = env.PWD;
  if (!logical?.startsWith('/')) return physical ?? '/';
  return physical === null || realPath(logical) === physical ? logical : physical;
}

function currentDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}
