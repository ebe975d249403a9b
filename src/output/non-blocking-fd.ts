// Makes writes to stdout and stderr of the master non-blocking. A blocking write would occupy a thread of libuv while
// nothing reads a pipe, and so delay the exit of the process.
import { constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

export interface NonBlockingFd {
  readonly fd: number;
  /** Must stay referenced while `fd` is in use: its handle closes the descriptor when it is collected. */
  readonly socket: Socket | null;
}

/**
 * A descriptor for the same destination as `fd`. A pipe or a terminal is opened anew, so that O_NONBLOCK is set for this
 * process only. A socket cannot be opened anew: all processes that share it see the flag, as with any Node program.
 */
export function openNonBlocking(fd: number): NonBlockingFd {
  const stat = fstatSync(fd);
  if (stat.isFIFO() || stat.isCharacterDevice()) {
    try {
      const path = `/proc/self/fd/${fd}`;
      return { fd: openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY), socket: null };
    } catch {
      // It belongs to another user (after su), or the pipe has no reader.
    }
  }
  const isPipe = stat.isFIFO() || stat.isSocket();
  return { fd, socket: isPipe ? new Socket({ fd, readable: false }).unref() : null };
}

/** Whether both descriptors lead to the same file, pipe or terminal. */
export function isSameFile(fd: number, other: number): boolean {
  const [a, b] = [fstatSync(fd), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}
