// Where the output of the master goes, so that a write never waits: what stands still in libuv's threads, as before a
// pipe that nobody reads, holds up the exit of the process.
import { constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

/** Sockets made not to block; their handles must not be collected. */
const kept: Socket[] = [];

/**
 * A descriptor for the same destination as `fd`. A pipe or terminal is opened anew: not to block is then a property
 * of ours alone, and of no other program that has it too. Of a socket, which cannot be opened, all who have
 * it share that, as with any program of Node that writes to one.
 */
export function openDestination(fd: number): number {
  const found = fstatSync(fd);
  if (found.isFIFO() || found.isCharacterDevice()) {
    try {
      return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // That of another user, after su(1), or one that nobody reads.
    }
  }
  if (found.isFIFO() || found.isSocket()) kept.push(new Socket({ fd, readable: false }).unref());
  return fd;
}

/** Both go to the same place: what is written to one after the other should arrive so. */
export function areSame(fd: number, other: number): boolean {
  const [one, two] = [fstatSync(fd), fstatSync(other)];
  return one.dev === two.dev && one.ino === two.ino;
}
