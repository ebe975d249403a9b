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
import { addToTail, tailLines } from './tail.js';

/** A longer line is passed on in pieces. It is larger for records, which are useless in pieces. */
const MAX_LINE_BYTES = { prefix: 8 * 1024, json: 64 * 1024 } as const;
const POLL_MS = 5;
/** Streams of workers that have ended are kept for a reader that does not read now; older ones are destroyed. */
const MAX_STUCK_STREAMS = 64;

export interface WorkerOutput {
  /** What to add to `env`, the environment of a worker. */
  variables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  follow(
    worker: number,
    label: Omit<WorkerLabel, 'name'>,
    streams: Readonly<Record<StreamName, Readable>>,
  ): void;
  /**
   * Resolves when what the worker wrote before it ended is read and written, or when a limit of `WORKER_EXIT_LIMITS` is
   * reached.
   */
  ended(worker: number): Promise<void>;
  /**
   * The last lines that the worker wrote, without colours: those of a worker that has ended when all of them are read,
   * those of another one as they are now. Empty where the master does not read the output. Never rejects.
   */
  lastLinesOf(worker: number): Promise<readonly string[]>;
  forget(worker: number): void;
  /** Resolves when everything is read and written, or when a limit of `MASTER_EXIT_LIMITS` is reached. */
  close(): Promise<void>;
}

interface WorkerStream {
  readonly worker: number;
  readonly readable: Readable;
  readonly lines: LineSplitter;
  readonly writer: QueuedWriter;
  bytesRead: number;
  /** The worker has ended; processes that it started may still write. */
  isOrphaned: boolean;
}

/** `name` is that of the instance. */
export function createPipedOutput(
  mode: Exclude<OutputMode, 'inherit'>,
  name: string,
  env: NodeJS.ProcessEnv,
  outputs: StandardOutputs,
): WorkerOutput {
  const streams = new Set<WorkerStream>();
  /** The last lines of each worker. */
  const tails = new Map<number, Buffer[]>();
  const endings = new Map<number, Promise<void>>();
  const { stdout } = outputs;
  const stderr = mode === 'json' ? stdout : outputs.stderr;
  for (const writer of new Set([stdout, stderr])) {
    writer.on('drain', () => {
      for (const stream of streams) if (stream.writer === writer) stream.readable.resume();
    });
  }

  function read(worker: number, label: WorkerLabel, from: StreamName, readable: Readable): void {
    const tail = tails.get(worker) ?? [];
    const writer = from === 'stdout' ? stdout : stderr;
    const isTerminal = isatty(writer.fd);
    const format = createPrefixFormat(label, { isTerminal, colors: wantsColors(env, isTerminal) });
    const lines = createLineSplitter(MAX_LINE_BYTES[mode], (line) => {
      addToTail(tail, line.bytes);
      writer.write(mode === 'json' ? formatJson(line, label, from, new Date()) : format(line));
    });
    const stream = { worker, readable, lines, writer, bytesRead: 0, isOrphaned: false };
    streams.add(stream);
    readable.on('data', (chunk: Buffer) => {
      stream.bytesRead += chunk.length;
      lines.push(chunk);
      if (!writer.writableNeedDrain) return;
      for (const other of streams) if (other.writer === writer) other.readable.pause();
    });
    // Otherwise many short-lived workers could each add a first chunk.
    if (writer.writableNeedDrain) readable.pause();
    readable.on('error', () => {});
    // 'close' follows 'end'; a destroyed stream emits only 'close'.
    readable.once('close', () => {
      streams.delete(stream);
      lines.end();
    });
  }

  /** Resolves when `some` have ended, or have nothing to read now, and all of it is written; or at a limit. */
  async function drain(some: readonly WorkerStream[], limits: FlushLimits): Promise<void> {
    // Both: a stream that has ended may still have lines queued in them.
    const writers = [stdout, outputs.stderr];
    const isOver = limitReached(limits, writers);
    if (await areRead(some, isOver)) for (const { lines } of some) lines.end();
    await flushWriters(writers, isOver);
  }

  async function drainEnded(worker: number): Promise<void> {
    const own = [...streams].filter((stream) => stream.worker === worker);
    await drain(own, WORKER_EXIT_LIMITS);
    for (const stream of own) stream.isOrphaned = true;
    const stuck = [...streams].filter(
      ({ isOrphaned, readable }) => isOrphaned && readable.isPaused(),
    );
    for (const { readable } of stuck.slice(0, -MAX_STUCK_STREAMS)) readable.destroy();
  }

  return {
    variables(given) {
      // A worker is told once for both streams: what goes into a file must not have colours.
      const areTerminals = isatty(stdout.fd) && isatty(stderr.fd);
      return mode === 'prefix' ? colorVariables(given, areTerminals) : {};
    },

    follow(worker, label, { stdout: out, stderr: err }) {
      tails.set(worker, []);
      read(worker, { ...label, name }, 'stdout', out);
      read(worker, { ...label, name }, 'stderr', err);
    },

    ended(worker) {
      const ending = drainEnded(worker);
      endings.set(worker, ending);
      return ending;
    },

    async lastLinesOf(worker) {
      // It may be forgotten meanwhile.
      const tail = tails.get(worker) ?? [];
      // A bug there is reported where `ended` was called, and must not keep back the answer to a request.
      await endings.get(worker)?.catch(() => {});
      return tailLines(tail);
    },

    forget(worker) {
      tails.delete(worker);
      endings.delete(worker);
    },

    close: () => drain([...streams], MASTER_EXIT_LIMITS),
  };
}

/** Resolves when the streams have ended, or have nothing to read now. False if `isOver` comes first. */
async function areRead(streams: readonly WorkerStream[], isOver: () => boolean): Promise<boolean> {
  const count = () => streams.reduce((sum, stream) => sum + stream.bytesRead, 0);
  for (;;) {
    const before = count();
    // Node polls for input between two turns of the event loop.
    await nextTurn();
    await nextTurn();
    const isWaiting = streams.some(({ readable }) => !readable.closed && readable.isPaused());
    if (count() === before && !isWaiting) return true;
    if (isOver()) return false;
    if (isWaiting) await wait(POLL_MS);
  }
}
