// Whether a directory is safe for sockets that only this user may use.
import { lstatSync } from 'node:fs';

/**
 * True if `directory` is a directory of the user `uid` that no other user may write to; a symbolic link is not.
 * Throws the error of lstat(2).
 */
export function isPrivateDirectory(directory: string, uid: number): boolean {
  const stats = lstatSync(directory);
  return stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0;
}
