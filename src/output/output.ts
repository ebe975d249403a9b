// What the workers write, line by line, to stdout and stderr of the master. Whoever reads that sets the pace: when
// too much waits to be written, the workers are read no further, and what they write fills their pipes.
import type { Readable } from 'node:stream';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { now } from '../monotonic.js';
import { areSame, openDestination } from './destination.js';
import { createLastLines, type LastLines } from './last-lines.js';
import { createLines, type Lines } from './lines.js';
import type { OutputMode } from './modes.js';
import { prefixed } from './prefixed.js';
import { recordOf, type StreamName } from './records.js';
import { createSink, type Sink } from './sink.js';
import { colourVariables, type Speaker, wantsColours } from './styles.js';

const STDOUT = 1;
const STDERR = 2;
/** Bytes of the longest line that stays in one piece. A record is of no use in pieces. */
const LONGEST = { prefix: 8 * 1024, json: 64 * 1024 } as const;
/** Milliseconds for which the end of a worker is kept back, for what it wrote last. */
const LAST_WORDS_MS = 100;
/** Milliseconds that the end of the master waits for a reader that reads nothing, and for a slow one in all. */
const UNREAD_MS = 1000;
const SLOW_MS = 10_000;
const PAUSE_MS = 5;
/** Streams of workers that are gone, kept for a reader that reads nothing; more are given up. */
const MOST_STUCK = 64;

export interface OutputOptions {
  readonly mode: Exclude<OutputMode, 'inherit'>;
  /** Of the instance. */
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Output {
  /** What is to be added to the environment of the workers. */
  readonly variables: NodeJS.ProcessEnv;
  follow(worker: number, speaker: Omit<Speaker, 'name'>, streams: WorkerStreams): void;
  /** Resolves when what the worker wrote before it ended is read, and written if anybody reads it. */
  ended(worker: number): Promise<void>;
  /** On both streams, without colours. */
  lastLines(worker: number): readonly string[];
  forget(worker: number): void;
  /** Nothing follows: resolves when all is written, or nobody reads it. */
  close(): Promise<void>;
}

export type WorkerStreams = Readonly<Record<StreamName, Readable>>;

interface Voice {
  readonly worker: number;
  readonly stream: Readable;
  readonly lines: Lines;
  readonly sink: Sink;
  /** Bytes so far. */
  read: number;
  ended: boolean;
  /** The worker is gone; what it has started may still write. */
  orphaned: boolean;
}

export function createOutput({ mode, name, env }: OutputOptions): Output {
  const voices = new Set<Voice>();
  const lastLines = new Map<number, LastLines>();
  const sinks = openSinks(mode, (sink) => {
    for (const voice of voices) if (voice.sink === sink) voice.stream.resume();
  });

  function listen(worker: number, speaker: Speaker, from: StreamName, stream: Readable): void {
    const { fd, sink } = sinks[from];
    const last = lastLines.get(worker);
    const isTerminal = isatty(fd);
    const show = prefixed(speaker, { isTerminal, coloured: wantsColours(env, isTerminal) });
    const lines = createLines(LONGEST[mode], (line) => {
      last?.add(line.bytes);
      sink.write(mode === 'json' ? [recordOf(line, speaker, from, new Date())] : show(line));
    });
    const voice: Voice = { worker, stream, lines, sink, read: 0, ended: false, orphaned: false };
    voices.add(voice);
    stream.on('data', (chunk: Buffer) => {
      voice.read += chunk.length;
      lines.push(chunk);
      if (!sink.isFull()) return;
      for (const other of voices) if (other.sink === sink) other.stream.pause();
    });
    stream.on('error', () => {});
    // Comes after the end, and without one when it is given up.
    stream.once('close', () => {
      voice.ended = true;
      voices.delete(voice);
      lines.end();
    });
  }

  function giveUpStuck(): void {
    const stuck = [...voices].filter(({ orphaned, stream }) => orphaned && stream.isPaused());
    for (const { stream } of stuck.slice(0, -MOST_STUCK)) stream.destroy();
  }

  return {
    variables: mode === 'prefix' ? colourVariables(env, isatty(sinks.stdout.fd)) : {},

    follow(worker, speaker, streams) {
      lastLines.set(worker, createLastLines());
      listen(worker, { ...speaker, name }, 'stdout', streams.stdout);
      listen(worker, { ...speaker, name }, 'stderr', streams.stderr);
    },

    async ended(worker) {
      const own = [...voices].filter((voice) => voice.worker === worker);
      const limit = now() + LAST_WORDS_MS;
      await readAll(own, limit);
      if (own.every(({ ended, stream }) => ended || !stream.isPaused())) finishLines(own);
      const written = Promise.all(own.map(({ sink }) => sink.flushed()));
      await Promise.race([written, wait(Math.max(0, limit - now()), null, { ref: false })]);
      for (const voice of own) voice.orphaned = true;
      giveUpStuck();
    },

    lastLines: (worker) => lastLines.get(worker)?.list() ?? [],
    forget: (worker) => void lastLines.delete(worker),

    async close() {
      const begun = now();
      const all = async () => {
        await readAll([...voices], begun + SLOW_MS);
        finishLines([...voices]);
        await Promise.all([sinks.stdout.sink.flushed(), sinks.stderr.sink.flushed()]);
        return true;
      };
      const finished = all();
      const written = () => sinks.stdout.sink.done() + sinks.stderr.sink.done();
      for (let last = begun; now() - last < UNREAD_MS && now() - begun < SLOW_MS; ) {
        const before = written();
        if (await Promise.race([finished, wait(PAUSE_MS, false)])) return;
        if (written() !== before) last = now();
      }
    },
  };
}

interface Target {
  readonly fd: number;
  readonly sink: Sink;
}

/** Both may be one. */
function openSinks(
  mode: OutputMode,
  onRoom: (sink: Sink) => void,
): Readonly<Record<StreamName, Target>> {
  const open = (fd: number): Target => {
    const sink: Sink = createSink(openDestination(fd), () => onRoom(sink));
    return { fd, sink };
  };
  const stdout = open(STDOUT);
  const shared = mode === 'json' || areSame(STDOUT, STDERR);
  return { stdout, stderr: shared ? stdout : open(STDERR) };
}

/** Resolves when the streams have ended, or have nothing more to read at the moment, or at `limit`. */
async function readAll(voices: readonly Voice[], limit: number): Promise<void> {
  const read = () => voices.reduce((sum, voice) => sum + voice.read, 0);
  while (now() < limit) {
    const before = read();
    // The poll of the loop lies between two turns.
    await turn();
    await turn();
    const open = voices.filter((voice) => !voice.ended);
    if (open.length === 0) return;
    if (read() !== before) continue;
    if (!open.some(({ stream }) => stream.isPaused())) return;
    await wait(PAUSE_MS);
  }
}

function finishLines(voices: readonly Voice[]): void {
  for (const { lines } of voices) lines.end();
}
