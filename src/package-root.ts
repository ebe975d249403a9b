// Paths of the files of this package that run in other processes: the shims, and the command itself.
import { fileURLToPath } from 'node:url';

/** The bundle is in the same directory as this file, so that the relative path is the same for both. */
const ROOT = new URL('../../', import.meta.url);

/** The absolute path of `path`, which is relative to the root of the package. */
export function inPackage(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
