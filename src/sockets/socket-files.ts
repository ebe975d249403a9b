// The files of unix sockets: linked again while the master holds the socket, removed when it closes it.
import { linkSync, lstatSync } from 'node:fs';
import { releasePath } from '../linux/unix-socket-path.js';
import type { NewSocket } from './held-socket.js';

export function namesOf({ path, sparePath }: NewSocket): string[] {
  return [path, sparePath].filter((name) => name !== null);
}

/** Null for a file that is missing or cannot be seen. */
export function inodeOf(path: string): number | null {
  try {
    return lstatSync(path).ino;
  } catch {
    return null;
  }
}

/** Many servers unlink their path when they stop, or before they listen, while other workers still serve on it. */
export function restorePath({ path, sparePath }: NewSocket): void {
  if (path === null || sparePath === null) return;
  try {
    linkSync(sparePath, path);
  } catch {
    // It exists already, or it cannot be created.
  }
}

/** Removes those of `names` that still name the socket. */
export function releasePaths({ inode }: NewSocket, names: Iterable<string>): void {
  if (inode !== null) for (const name of names) releasePath(name, inode);
}
