// The second name of the file of a unix socket. Pure; the preload uses it too.
import { basename, dirname, join } from 'node:path';

/** The name beside `path` under which the file stays when an app or another program removes `path`. */
export function sparePathOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.graceful-run`);
}
