// Passes on what the workers write, line by line, to stdout and stderr of the master. Its reader sets the pace: while too
// much waits to be written, the workers are not read, and what they write fills their pipes.
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { colorVariables, wantsColors } from '../text/colors.js';
import { stripControls } from '../text/sanitize.js';
import { formatJson, type StreamName } from './json-format.js';
import { createLineSplitter, type LineSplitter } from './line-splitter.js';
import type { OutputMode } from './modes.js';
import { formatPrefixed, type WorkerLabel } from './prefix-format.js';
import {
  flush,
  limitReached,
  MASTER_EXIT_MS,
  type StandardOutputs,
  WORKER_EXIT_MS,
} from './standard-outputs.js';

/** A longer line is passed on in pieces. It is larger for records, which are useless in pieces. */
const MAX_LINE_BYTES = { prefix: 8 * 1024, json: 64 * 1024 } as const;
const POLL_MS = 5;
/** Streams of workers that have ended are kept for a reader that does not read now; older ones are destroyed. */
const MAX_STUCK_STREAMS = 64;
/** How many lines are kept of each worker, how many bytes of each, and how many characters are shown. */
const TAIL_LINES = 20;
const TAIL_BYTES = 2000;
const TAIL_LENGTH = 500;

export interface WorkerOutput {
  /** What to add to `env`, the environment of a worker. */
  variables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  follow(
    worker: number,
    label: Omit<WorkerLabel, 'name'>,
    streams: Readonly<Record<StreamName, Readable>>,
  ): void;
  /** The worker has ended: forgets it when what it wrote before is read and written, or cannot be written in time. */
  ended(worker: number): void;
  /**
   * The last lines that the worker wrote, without colours: those of a worker that has ended when all of them are read,
   * those of another one as they are now. Empty for one that is forgotten, or that the master does not read.
   */
  lastLinesOf(worker: number): Promise<readonly string[]>;
  /** Resolves when everything is read and written, or cannot be written in time. */
  close(): Promise<void>;
}

interface FollowedWorker {
  readonly tail: string[];
  readonly streams: readonly WorkerStream[];
  /** Resolves when what a worker that has ended wrote is read and written. */
  ending: Promise<void>;
}

interface WorkerStream {
  readonly readable: Readable;
  readonly lines: LineSplitter;
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
  const writers = mode === 'json' ? { ...outputs, stderr: outputs.stdout } : outputs;
  const streams = new Set<WorkerStream>();
  const workers = new Map<number, FollowedWorker>();
  // Each stream that waits has a listener.
  for (const writer of Object.values(writers)) writer.setMaxListeners(0);

  function read(
    readable: Readable,
    from: StreamName,
    label: WorkerLabel,
    tail: string[],
  ): WorkerStream {
    const writer = writers[from];
    const isTerminal = isatty(writer.fd);
    const style = { isTerminal, colors: wantsColors(env, isTerminal) };
    const lines = createLineSplitter(MAX_LINE_BYTES[mode], (line) => {
      tail.push(line.bytes.toString('utf8', 0, TAIL_BYTES));
      if (tail.length > TAIL_LINES) tail.shift();
      writer.write(
        mode === 'json'
          ? formatJson(line, label, from, new Date())
          : formatPrefixed(line, label, style),
      );
    });
    const stream = { readable, lines, bytesRead: 0, isOrphaned: false };
    const keepPace = () => {
      if (!writer.writableNeedDrain || readable.isPaused()) return;
      readable.pause();
      writer.once('drain', () => readable.resume());
    };
    readable.on('data', (chunk: Buffer) => {
      stream.bytesRead += chunk.length;
      lines.push(chunk);
      keepPace();
    });
    // Otherwise many short-lived workers could each add a first chunk.
    keepPace();
    readable.on('error', () => {});
    // 'close' follows 'end'; a destroyed stream emits only 'close'.
    readable.once('close', () => {
      streams.delete(stream);
      lines.end();
    });
    streams.add(stream);
    return stream;
  }

  /** Resolves when `some` have ended, or have nothing to read now, and all of it is written; or at a limit. */
  async function drain(some: readonly WorkerStream[], blockedMs: number): Promise<void> {
    // For both outputs: a stream that has ended may still have lines queued in them.
    const isOver = limitReached(outputs, blockedMs);
    let isRead = await areRead(some);
    for (; !isRead && !isOver(); isRead = await areRead(some)) await wait(POLL_MS);
    if (isRead) for (const { lines } of some) lines.end();
    await flush(outputs, isOver);
  }

  async function drainEnded(worker: number, own: readonly WorkerStream[]): Promise<void> {
    await drain(own, WORKER_EXIT_MS);
    workers.delete(worker);
    for (const stream of own) stream.isOrphaned = true;
    const isStuck = (stream: WorkerStream) => stream.isOrphaned && stream.readable.isPaused();
    const stuck = [...streams].filter(isStuck);
    for (const { readable } of stuck.slice(0, -MAX_STUCK_STREAMS)) readable.destroy();
  }

  return {
    variables(given) {
      // A worker is told once for both streams: what goes into a file must not have colours.
      const areTerminals = isatty(outputs.stdout.fd) && isatty(outputs.stderr.fd);
      return mode === 'prefix' ? colorVariables(given, areTerminals) : {};
    },

    follow(worker, ofProcess, { stdout, stderr }) {
      const tail: string[] = [];
      const label = { ...ofProcess, name };
      const own = [read(stdout, 'stdout', label, tail), read(stderr, 'stderr', label, tail)];
      workers.set(worker, { tail, streams: own, ending: Promise.resolve() });
    },

    ended(worker) {
      const followed = workers.get(worker);
      if (followed) followed.ending = drainEnded(worker, followed.streams);
    },

    async lastLinesOf(worker) {
      const followed = workers.get(worker);
      await followed?.ending;
      const tail = followed?.tail ?? [];
      return tail.map((line) => stripControls(line).slice(0, TAIL_LENGTH));
    },

    close: () => drain([...streams], MASTER_EXIT_MS),
  };
}

/** Resolves to whether the streams have ended, or have nothing to read now. */
async function areRead(streams: readonly WorkerStream[]): Promise<boolean> {
  const count = () => streams.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const before = count();
  // Node polls for input between two turns of the event loop.
  await nextTurn();
  await nextTurn();
  const isWaiting = streams.some(({ readable }) => !readable.closed && readable.isPaused());
  return count() === before && !isWaiting;
}
