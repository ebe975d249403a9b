// stdout and stderr of the master, with one writer for each place where they go: a second one would write into the
// middle of lines of the first.
import { setTimeout as wait } from 'node:timers/promises';
import { now } from '../linux/monotonic-clock.js';
import { areSame, openDestination } from './non-blocking-fd.js';
import { createSink, type Sink } from './queued-writer.js';

const STDOUT = 1;
const STDERR = 2;
const PAUSE_MS = 5;
/** Bytes that may wait before what is said besides the workers is lost: they are read no further long before. */
const MOST_WAITING = 1024 * 1024;

/** How long something is kept back for what is to be written before it, in milliseconds. */
export interface Patience {
  /** With a reader that reads nothing. */
  readonly blocked: number;
  /** With any reader, and with a machine that is slow. */
  readonly total: number;
}

export const A_MOMENT: Patience = { blocked: 100, total: 1000 };
export const AT_THE_END: Patience = { blocked: 1000, total: 10_000 };

export interface Outlet {
  readonly fd: number;
  readonly sink: Sink;
}

export interface Outlets {
  readonly stdout: Outlet;
  /** The same one as stdout where both go to the same place. */
  readonly stderr: Outlet;
  /** Calls `listener` when a sink was full, and is not any more. */
  onRoom(listener: (sink: Sink) => void): void;
  /** Resolves when all that was handed over until now is written, or patience is at its end. */
  flushed(patience: Patience): Promise<void>;
}

export function openOutlets(): Outlets {
  const listeners: ((sink: Sink) => void)[] = [];
  const open = (fd: number): Outlet => {
    const room = () => {
      for (const listener of listeners) listener(sink);
    };
    const sink: Sink = createSink(openDestination(fd), room);
    return { fd, sink };
  };
  const stdout = open(STDOUT);
  const stderr = areSame(STDOUT, STDERR) ? stdout : open(STDERR);
  const sinks = [stdout.sink, stderr.sink];
  return {
    stdout,
    stderr,
    onRoom: (listener) => void listeners.push(listener),
    flushed: (patience) => written(sinks, endOf(patience, sinks)),
  };
}

/** For text of our own, whole lines: never waits. Where nobody reads, what is too much is lost. */
export function writerTo({ sink }: Pick<Outlet, 'sink'>): (text: string) => void {
  return (text) => {
    if (sink.waiting() < MOST_WAITING) sink.write([Buffer.from(text)]);
  };
}

/** Tells whether patience, which begins now, is at its end. */
export function endOf({ blocked, total }: Patience, sinks: readonly Sink[]): () => boolean {
  const begun = now();
  return () => now() - begun > total || sinks.some((sink) => sink.blockedFor() > blocked);
}

/** Resolves when all that was handed over until now is written, or it is over. */
export async function written(sinks: readonly Sink[], isOver: () => boolean): Promise<void> {
  const done = Promise.all(sinks.map((sink) => sink.flushed())).then(() => true);
  while (!(await Promise.race([done, wait(PAUSE_MS, false)])) && !isOver());
}
