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
/** Above this many waiting bytes text of our own is lost. Workers are no longer read long before. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** Limits for flushing. */
export interface FlushLimits {
  /** How long the destination may take nothing, in ms. */
  readonly blockedMs: number;
  /** How long flushing may take at all, in ms. */
  readonly totalMs: number;
}

export const WORKER_EXIT_LIMITS: FlushLimits = { blockedMs: 100, totalMs: 1000 };
export const MASTER_EXIT_LIMITS: FlushLimits = { blockedMs: 1000, totalMs: 10_000 };

export interface StandardOutputs {
  readonly stdout: QueuedWriter;
  /** The same object as stdout if both lead to the same destination. */
  readonly stderr: QueuedWriter;
  /** Resolves when everything that is queued now is written, or when a limit is reached. Never rejects. */
  flushed(limits: FlushLimits): Promise<void>;
}

/** Opens stdout and stderr of this process. Throws the error of fstat(2) for a descriptor that is closed. */
export function openStandardOutputs(): StandardOutputs {
  const stdout = openWriter(STDOUT);
  const stderr = isSameFile(STDOUT, STDERR) ? stdout : openWriter(STDERR);
  const writers = [stdout, stderr];
  return {
    stdout,
    stderr,
    flushed: (limits) => flushWriters(writers, limitReached(limits, writers)),
  };
}

/** Whether both descriptors lead to the same file, pipe or terminal. */
function isSameFile(fd: number, other: number): boolean {
  const [a, b] = [fstatSync(fd), fstatSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
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

/** Returns a function for text of our own, whole lines, that never waits: what is too much is lost. */
export function textWriter(writer: QueuedWriter): (text: string) => void {
  return (text) => {
    if (writer.writableLength < MAX_WAITING_BYTES) writer.write(text);
  };
}

/** Starts to count now; the function that it returns tells whether a limit is reached. */
export function limitReached(
  { blockedMs, totalMs }: FlushLimits,
  writers: readonly QueuedWriter[],
): () => boolean {
  const start = now();
  return () => now() - start > totalMs || writers.some((writer) => writer.blockedFor() > blockedMs);
}

/** Resolves when everything that is queued now is written, or when `isOver`. */
export async function flushWriters(
  writers: readonly QueuedWriter[],
  isOver: () => boolean,
): Promise<void> {
  const done = Promise.all(writers.map((writer) => writer.flushed())).then(() => true);
  while (!(await Promise.race([done, wait(POLL_MS, false)])) && !isOver());
}
