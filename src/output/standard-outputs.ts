// stdout and stderr of the master, with one writer for each destination: two writers would write into each other's lines.
import { setTimeout as wait } from 'node:timers/promises';
import { now } from 'node-systemd-notify/linux';
import { isSameFile, type NonBlockingFd, openNonBlocking } from './non-blocking-fd.js';
import { createQueuedWriter, type QueuedWriter } from './queued-writer.js';

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

export interface StandardOutput extends NonBlockingFd {
  readonly writer: QueuedWriter;
}

export interface StandardOutputs {
  readonly stdout: StandardOutput;
  /** The same object as stdout if both lead to the same destination. */
  readonly stderr: StandardOutput;
  /** `listener` is called when a writer that was full is no longer full. */
  onRoom(listener: (writer: QueuedWriter) => void): void;
  /** Resolves when everything that is queued now is written, or when a limit is reached. Never rejects. */
  flushed(limits: FlushLimits): Promise<void>;
}

/** Opens stdout and stderr of this process. Throws the error of fstat(2) for a descriptor that is closed. */
export function openStandardOutputs(): StandardOutputs {
  const listeners: ((writer: QueuedWriter) => void)[] = [];
  const open = (standardFd: number): StandardOutput => {
    const destination = openNonBlocking(standardFd);
    const writer: QueuedWriter = createQueuedWriter(destination.fd, () => {
      for (const listener of listeners) listener(writer);
    });
    return { ...destination, writer };
  };
  const stdout = open(STDOUT);
  const stderr = isSameFile(STDOUT, STDERR) ? stdout : open(STDERR);
  const writers = [stdout.writer, stderr.writer];
  return {
    stdout,
    stderr,
    onRoom: (listener) => void listeners.push(listener),
    flushed: (limits) => flushWriters(writers, limitReached(limits, writers)),
  };
}

/** Returns a function for text of our own, whole lines, that never waits: what is too much is lost. */
export function textWriter({ writer }: Pick<StandardOutput, 'writer'>): (text: string) => void {
  return (text) => {
    if (writer.waiting() < MAX_WAITING_BYTES) writer.write([Buffer.from(text)]);
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
