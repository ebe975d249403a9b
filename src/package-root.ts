// Where the files of this package are that run elsewhere: the shims, the command itself.
import { fileURLToPath } from 'node:url';

/** The bundle lies beside this file, so that both see the same root. */
const ROOT = new URL('../../', import.meta.url);

/** `path` from the root of the package, as an absolute path. */
export function inPackage(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}
