// The names of a unix socket: given back while it serves, removed when it is given up.
import { linkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { releasePath } from '../linux/unix-socket-path.js';
import type { HeldSocket } from './held-socket.js';

/** The second name, beside the first; the rule of native-free-shims/preload/unix-listen.cjs. */
export function spareOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.graceful-run`);
}

export function namesOf({ path, spare }: HeldSocket): string[] {
  return [path, spare].filter((name) => name !== null);
}

/** Many servers unlink their path when they stop, or before they listen: the others still serve on it. */
export function restorePath({ path, spare }: HeldSocket): void {
  if (path === null || spare === null) return;
  try {
    linkSync(spare, path);
  } catch {
    // It is there, as it should be.
  }
}

export function releasePaths(socket: HeldSocket, others: ReadonlySet<string>): void {
  const { inode } = socket;
  if (inode === null) return;
  for (const name of new Set([...namesOf(socket), ...others])) releasePath(name, inode);
}
