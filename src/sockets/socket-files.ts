// The files of unix sockets: linked again while the master holds the socket, removed when it closes it.
import { linkSync } from 'node:fs';
import { releasePath } from '../linux/unix-socket-path.js';
import type { HeldSocket } from './held-socket.js';

export function namesOf({ path, sparePath }: HeldSocket): string[] {
  return [path, sparePath].filter((name) => name !== null);
}

/** Many servers unlink their path when they stop, or before they listen, while other workers still serve on it. */
export function restorePath({ path, sparePath }: HeldSocket): void {
  if (path === null || sparePath === null) return;
  try {
    linkSync(sparePath, path);
  } catch {
    // It exists already, or it cannot be created.
  }
}

/** Removes the names of `socket`, and `others` too, as far as they still name this socket. */
export function releasePaths(socket: HeldSocket, others: ReadonlySet<string>): void {
  const { inode } = socket;
  if (inode === null) return;
  for (const name of new Set([...namesOf(socket), ...others])) releasePath(name, inode);
}
