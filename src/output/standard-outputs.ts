// stdout and stderr of the master, with one writer for each destination: two writers would write into each other's lines.
import { constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { now } from 'node-systemd-notify/linux';
import { QueuedWriter } from './queued-writer.js';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

const STDOUT = 1;
const STDERR = 2;
const POLL_MS = 5;
/** In all, flushing may take so many times as long as the destination may take nothing. */
const SLOWNESS = 10;

/** How long the destination may take nothing while it is flushed, in milliseconds: at the end of a worker, and of the master. */
export const WORKER_EXIT_MS = 100;
export const MASTER_EXIT_MS = 1000;

export interface StandardOutputs {
  readonly stdout: QueuedWriter;
  /** The same object as stdout if both lead to the same destination. */
  readonly stderr: QueuedWriter;
}

/** Opens stdout and stderr of this process. Throws the error of fstat(2) for a descriptor that is closed. */
export function openStandardOutputs(): StandardOutputs {
  const stdout = openWriter(STDOUT);
  const [out, err] = [fstatSync(STDOUT), fstatSync(STDERR)];
  const isSame = out.dev === err.dev && out.ino === err.ino;
  return { stdout, stderr: isSame ? stdout : openWriter(STDERR) };
}

/** Its handle closes the descriptor when it is collected. */
const keptSockets: Socket[] = [];

/**
 * A writer to the destination of `fd` that does not block: a blocking write would occupy a thread of libuv while nothing
 * reads a pipe, and so delay the exit of the process. A pipe or a terminal is opened anew, so that O_NONBLOCK is set for
 * this process only. A socket cannot be opened anew: all processes that share it see the flag, as with any Node program.
 */
export function openWriter(fd: number): QueuedWriter {
  const stat = fstatSync(fd);
  if (stat.isFIFO() || stat.isCharacterDevice()) {
    try {
      return new QueuedWriter(openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY));
    } catch {
      // It belongs to another user (after su), or the pipe has no reader.
    }
  }
  if (stat.isFIFO() || stat.isSocket()) {
    keptSockets.push(new Socket({ fd, readable: false }).unref());
  }
  return new QueuedWriter(fd);
}

/**
 * Starts to count now. The function that it returns tells whether one of the outputs has taken nothing for `blockedMs`, or
 * flushing has taken ten times as long in all.
 */
export function limitReached(
  { stdout, stderr }: StandardOutputs,
  blockedMs: number,
): () => boolean {
  const end = now() + SLOWNESS * blockedMs;
  return () => now() > end || Math.max(stdout.blockedFor(), stderr.blockedFor()) > blockedMs;
}

/** Resolves when everything that is queued now is written, or when `isOver`. */
export async function flush(
  { stdout, stderr }: StandardOutputs,
  isOver: () => boolean,
): Promise<void> {
  const done = Promise.all([stdout.flushed(), stderr.flushed()]).then(() => true);
  while (!(await Promise.race([done, wait(POLL_MS, false)])) && !isOver());
}
