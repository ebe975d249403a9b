// What the workers write, line by line, to stdout and stderr of the master. Whoever reads that sets the pace: when
// too much waits to be written, the workers are read no further, and what they write fills their pipes.
import type { Readable } from 'node:stream';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { colourVariables, wantsColours } from '../text/colors.js';
import { recordOf, type StreamName } from './json-format.js';
import { createLines, type Lines } from './line-splitter.js';
import type { OutputMode } from './modes.js';
import { prefixed } from './prefix-format.js';
import type { Sink } from './queued-writer.js';
import {
  A_MOMENT,
  AT_THE_END,
  endOf,
  type Outlets,
  type Patience,
  written,
} from './standard-outputs.js';
import type { Speaker } from './styles.js';
import { createLastLines, type LastLines } from './tail.js';

/** Bytes of the longest line that stays in one piece. A record is of no use in pieces. */
const LONGEST = { prefix: 8 * 1024, json: 64 * 1024 } as const;
const PAUSE_MS = 5;
/** Streams of workers that are gone, kept for a reader that reads nothing; more are given up. */
const MOST_STUCK = 64;

export interface OutputOptions {
  readonly mode: Exclude<OutputMode, 'inherit'>;
  /** Of the instance. */
  readonly name: string;
  readonly env: NodeJS.ProcessEnv;
  readonly outlets: Outlets;
}

export interface Output {
  /** What is to be added to this environment of a worker. */
  variables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
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

export function createOutput({ mode, name, env, outlets }: OutputOptions): Output {
  const voices = new Set<Voice>();
  const lastLines = new Map<number, LastLines>();
  const { stdout } = outlets;
  const stderr = mode === 'json' ? stdout : outlets.stderr;
  outlets.onRoom((sink) => {
    for (const voice of voices) if (voice.sink === sink) voice.stream.resume();
  });

  // Of streams that have ended nothing is left but what they left here.
  const targets = [stdout.sink, outlets.stderr.sink];

  function listen(worker: number, speaker: Speaker, from: StreamName, stream: Readable): void {
    const { fd, sink } = from === 'stdout' ? stdout : stderr;
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
    // However many come and go while nobody reads.
    if (sink.isFull()) stream.pause();
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
    variables(given) {
      // A worker is told once, for both: what goes into a file has no colours.
      const areTerminals = isatty(stdout.fd) && isatty(stderr.fd);
      return mode === 'prefix' ? colourVariables(given, areTerminals) : {};
    },

    follow(worker, speaker, streams) {
      lastLines.set(worker, createLastLines());
      listen(worker, { ...speaker, name }, 'stdout', streams.stdout);
      listen(worker, { ...speaker, name }, 'stderr', streams.stderr);
    },

    async ended(worker) {
      const own = [...voices].filter((voice) => voice.worker === worker);
      await settle(own, targets, A_MOMENT);
      for (const voice of own) voice.orphaned = true;
      giveUpStuck();
    },

    lastLines: (worker) => lastLines.get(worker)?.list() ?? [],
    forget: (worker) => void lastLines.delete(worker),

    close: () => settle([...voices], targets, AT_THE_END),
  };
}

/**
 * Resolves when the streams have ended, or have nothing more to read at the moment, and all of it is written; or when
 * patience is at its end.
 */
async function settle(
  voices: readonly Voice[],
  sinks: readonly Sink[],
  patience: Patience,
): Promise<void> {
  const isOver = endOf(patience, sinks);
  if (await isRead(voices, isOver)) for (const { lines } of voices) lines.end();
  await written(sinks, isOver);
}

/** False when it is over before that. */
async function isRead(voices: readonly Voice[], isOver: () => boolean): Promise<boolean> {
  const read = () => voices.reduce((sum, voice) => sum + voice.read, 0);
  for (;;) {
    const before = read();
    // The poll of the loop lies between two turns.
    await turn();
    await turn();
    const open = voices.filter((voice) => !voice.ended);
    const waits = open.some(({ stream }) => stream.isPaused());
    if (open.length === 0 || (read() === before && !waits)) return true;
    if (isOver()) return false;
    if (waits) await wait(PAUSE_MS);
  }
}
