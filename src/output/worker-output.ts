// Passes on what the workers write, line by line, to stdout and stderr of the master. Its reader sets the pace: while too
// much waits to be written, the workers are not read, and what they write fills their pipes.
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { colorVariables, wantsColors } from '../text/colors.js';
import { formatJson, type StreamName } from './json-format.js';
import { createLineSplitter, type LineSplitter } from './line-splitter.js';
import type { OutputMode } from './modes.js';
import { createPrefixFormat, type WorkerLabel } from './prefix-format.js';
import type { QueuedWriter } from './queued-writer.js';
import {
  type FlushLimits,
  flushWriters,
  limitReached,
  MASTER_EXIT_LIMITS,
  type StandardOutputs,
  WORKER_EXIT_LIMITS,
} from './standard-outputs.js';
import { createTail, type Tail } from './tail.js';

/** A longer line is passed on in pieces. It is larger for records, which are useless in pieces. */
const MAX_LINE_BYTES = { prefix: 8 * 1024, json: 64 * 1024 } as const;
const POLL_MS = 5;
/** Streams of workers that have ended are kept for a reader that does not read now; older ones are destroyed. */
const MAX_STUCK_STREAMS = 64;

export interface OutputOptions {
  readonly mode: Exclude<OutputMode, 'inherit'>;
  /** The name of the instance. */
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly outputs: StandardOutputs;
  /** For a bug in this room. By default it becomes an uncaught exception, which the master logs. */
  readonly onError?: (error: unknown) => void;
}

export interface PipedOutput {
  /** What to add to `env`, the environment of a worker. */
  variables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  follow(worker: number, label: Omit<WorkerLabel, 'name'>, streams: WorkerStreams): void;
  /**
   * Resolves when what the worker wrote before it ended is read and written, or when a limit of `WORKER_EXIT_LIMITS` is
   * reached. Never rejects.
   */
  ended(worker: number): Promise<void>;
  /** The last lines on both streams, without colours. */
  lastLines(worker: number): readonly string[];
  forget(worker: number): void;
  /** Resolves when everything is read and written, or when a limit of `MASTER_EXIT_LIMITS` is reached. Never rejects. */
  close(): Promise<void>;
}

export type WorkerStreams = Readonly<Record<StreamName, Readable>>;

interface WorkerStream {
  readonly worker: number;
  readonly readable: Readable;
  readonly lines: LineSplitter;
  readonly writer: QueuedWriter;
  bytesRead: number;
  hasEnded: boolean;
  /** The worker has ended; processes that it started may still write. */
  isOrphaned: boolean;
}

export function createPipedOutput({
  mode,
  name,
  env,
  outputs,
  onError = throwLater,
}: OutputOptions): PipedOutput {
  const streams = new Set<WorkerStream>();
  const tails = new Map<number, Tail>();
  const { stdout } = outputs;
  const stderr = mode === 'json' ? stdout : outputs.stderr;
  outputs.onRoom((writer) => {
    for (const stream of streams) if (stream.writer === writer) stream.readable.resume();
  });

  // Both: a stream that has ended may still have lines queued in them.
  const writers = [stdout.writer, outputs.stderr.writer];

  function read(worker: number, label: WorkerLabel, from: StreamName, readable: Readable): void {
    const { fd, writer } = from === 'stdout' ? stdout : stderr;
    const tail = tails.get(worker);
    const isTerminal = isatty(fd);
    const format = createPrefixFormat(label, { isTerminal, colors: wantsColors(env, isTerminal) });
    const lines = createLineSplitter(MAX_LINE_BYTES[mode], (line) => {
      tail?.add(line.bytes);
      writer.write(mode === 'json' ? [formatJson(line, label, from, new Date())] : format(line));
    });
    const stream: WorkerStream = {
      ...{ worker, readable, lines, writer },
      ...{ bytesRead: 0, hasEnded: false, isOrphaned: false },
    };
    streams.add(stream);
    readable.on('data', (chunk: Buffer) => {
      stream.bytesRead += chunk.length;
      lines.push(chunk);
      if (!writer.isFull()) return;
      for (const other of streams) if (other.writer === writer) other.readable.pause();
    });
    // Otherwise many short-lived workers could each add a first chunk.
    if (writer.isFull()) readable.pause();
    readable.on('error', () => {});
    // 'close' follows 'end'; a destroyed stream emits only 'close'.
    readable.once('close', () => {
      stream.hasEnded = true;
      streams.delete(stream);
      lines.end();
    });
  }

  function destroyStuck(): void {
    const stuck = [...streams].filter(
      ({ isOrphaned, readable }) => isOrphaned && readable.isPaused(),
    );
    for (const { readable } of stuck.slice(0, -MAX_STUCK_STREAMS)) readable.destroy();
  }

  /** The timer ends it even if the limits are not checked, as after a bug; such a bug must not reject either. */
  async function drain(some: readonly WorkerStream[], limits: FlushLimits): Promise<void> {
    const timeout = wait(limits.totalMs, undefined, { ref: false });
    await Promise.race([drainStreams(some, writers, limits).catch(onError), timeout]);
  }

  return {
    variables(given) {
      // A worker is told once for both streams: what goes into a file must not have colours.
      const areTerminals = isatty(stdout.fd) && isatty(stderr.fd);
      return mode === 'prefix' ? colorVariables(given, areTerminals) : {};
    },

    follow(worker, label, { stdout: out, stderr: err }) {
      tails.set(worker, createTail());
      read(worker, { ...label, name }, 'stdout', out);
      read(worker, { ...label, name }, 'stderr', err);
    },

    async ended(worker) {
      const own = [...streams].filter((stream) => stream.worker === worker);
      await drain(own, WORKER_EXIT_LIMITS);
      for (const stream of own) stream.isOrphaned = true;
      destroyStuck();
    },

    lastLines: (worker) => tails.get(worker)?.lines() ?? [],
    forget: (worker) => void tails.delete(worker),

    close: () => drain([...streams], MASTER_EXIT_LIMITS),
  };
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

/** Resolves when the streams have ended, or have nothing to read now, and all of it is written; or at a limit. */
async function drainStreams(
  streams: readonly WorkerStream[],
  writers: readonly QueuedWriter[],
  limits: FlushLimits,
): Promise<void> {
  const isOver = limitReached(limits, writers);
  if (await areRead(streams, isOver)) for (const { lines } of streams) lines.end();
  await flushWriters(writers, isOver);
}

/** False if `isOver` comes first. */
async function areRead(streams: readonly WorkerStream[], isOver: () => boolean): Promise<boolean> {
  const count = () => streams.reduce((sum, stream) => sum + stream.bytesRead, 0);
  for (;;) {
    const before = count();
    // Node polls for input between two turns of the event loop.
    await nextTurn();
    await nextTurn();
    const open = streams.filter((stream) => !stream.hasEnded);
    const isWaiting = open.some(({ readable }) => readable.isPaused());
    if (open.length === 0 || (count() === before && !isWaiting)) return true;
    if (isOver()) return false;
    if (isWaiting) await wait(POLL_MS);
  }
}
