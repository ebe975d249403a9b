// Shows what the core does as a text that people can read: time, event, what follows, workers after.
//
//     with size=2 overlap=5
//     2 reload r1 -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
//
// The first column is the script of its own transcript, so a recorded incident pastes into a test. Ids are written
// `#1` (worker), `g1` (generation), `r1` (request) and `s1` (socket), all else by its name. The line `with` says how many
// workers are wanted, if not one, which sockets are held from the start, and what differs from `testPolicy`. A transcript
// that does not begin at 0 begins with a fleet that serves: spawned at 0, ready at 1.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { MasterEvent } from '../../src/core/events.js';
import type { Ending } from '../../src/core/failure.js';
import type { Policy } from '../../src/core/policy.js';
import type { StepRecord } from '../../src/core/step-record.js';
import { type Recording, stepsOf, type TimedEvent } from '../core/steps.js';
import { root } from './paths.js';

/** Of the first column; a wider one makes its own line longer. */
const WIDEST_EVENT = 36;

/** Short round times, and no chance. */
export const testPolicy: Policy = {
  startTimeout: 100,
  maxStartTime: 300,
  watchdog: null,
  overlap: 0,
  drainTimeout: 50,
  killTimeout: 20,
  killInterval: 10,
  maxDraining: 8,
  startFirstWorkerAlone: false,
  waitForChange: false,
  maxAbandonTime: 30,
  backoff: { base: 10, ceiling: 40, stableAfter: 200, jitter: 0, seed: 0 },
  maxCrashes: null,
};

export interface Setting {
  /** Workers wanted; 1 when absent. */
  readonly size?: number;
  /** Held before any worker runs. */
  readonly sockets?: Recording['sockets'];
  /** What differs from `testPolicy`. */
  readonly policy?: Partial<Policy>;
}

/**
 * Defines a test for each title: its transcript, played again, gives the same text. With REWRITE=1 in the environment the
 * test file is rewritten instead; the difference is then to be read like any other change.
 */
export function stories(transcripts: Readonly<Record<string, string>>): void {
  const [, name] = /dist\/(test\/[\w/-]+\.test)\.js/.exec(new Error().stack ?? '') ?? [];
  for (const [title, transcript] of Object.entries(transcripts)) {
    test(title, () => {
      const told = transcript.split('\n').flatMap((line) => line.trim() || []);
      const heading = told.filter((line) => line.startsWith('with '));
      const script = told.slice(heading.length);
      const played = [...heading, ...play(script, settingOf(heading[0] ?? 'with')).lines];
      if (process.env.REWRITE === '1') rewrite(`${root}${name}.ts`, transcript, played);
      else assert.equal(played.join('\n'), told.join('\n'));
    });
  }
}

/** The fleet at the end of a script, the time of the next wake-up, and the transcript. */
export function play(script: readonly string[], setting: Setting = {}) {
  const told = script.map(parseLine);
  const opening = told[0]?.at === 0 ? [] : openingOf(setting.size ?? 1);
  const events = [...opening, ...told];
  const isOrdered = events.every(({ at }, index) => at >= (events[index - 1]?.at ?? 0));
  if (!isOrdered) throw new Error('time runs backwards');
  const steps = [...stepsOf(recordingOf(events, setting))];
  const last = steps.at(-1);
  if (!last) throw new Error('a script has at least one line');
  return { fleet: last.after, wakeAt: last.wakeAt, lines: linesOf(steps.slice(opening.length)) };
}

export function recordingOf(
  events: readonly TimedEvent[],
  { size = 1, sockets = [], policy = {} }: Setting,
): Recording {
  return { workersWanted: size, sockets, policy: { ...testPolicy, ...policy }, events };
}

function openingOf(size: number): TimedEvent[] {
  const ready = Array.from({ length: size }, (_, index): TimedEvent => {
    return { at: 1, event: { type: 'ready', worker: index + 1 } };
  });
  return [{ at: 0, event: { type: 'clock' } }, ...ready];
}

/** One line for each step: `2 reload r1 -> spawn #2 g2 | #1g1:ready #2g2:starting`, with the arrows below each other. */
export function linesOf(steps: readonly StepRecord[]): string[] {
  const events = steps.map(({ at, event }) => `${at} ${textOf(event)}`);
  const width = Math.min(WIDEST_EVENT, Math.max(0, ...events.map(({ length }) => length)));
  return steps.map(({ after, commands, notices }, index) => {
    const workers = after.workers.map((one) => {
      const leaves = one.state === 'ready' && one.leaving !== null ? ' leaving' : '';
      return `#${one.id}g${one.generation}:${one.state}${leaves}`;
    });
    const effects = [...notices, ...commands].map(textOf).join(', ') || '-';
    const happened = events[index]?.padEnd(width);
    return `${happened} -> ${effects.padEnd(24)} | ${workers.join(' ') || 'none'}`;
  });
}

const SIGNS: Readonly<Record<string, string>> = {
  worker: '#',
  generation: 'g',
  request: 'r',
  socket: 's',
};

/** Of an event, a notice or a command: its type, and what else it has. What is usual is left out. */
function textOf(value: object): string {
  const words = Object.entries(value).map(([key, part]) => wordOf(key, part));
  return words.filter((word) => word !== '').join(' ');
}

function wordOf(key: string, value: unknown): string {
  if (key === 'type') return String(value);
  if (key === 'wasReady') return value ? '' : 'starting';
  if (value === undefined || (key === 'slot' && value === 1)) return '';
  if (key === 'exception' && value === null) return '';
  if (key === 'ending') return textOfEnding(value as Ending);
  if (Array.isArray(value)) return `${key}=${value.map(encodeURIComponent).join()}`;
  if (typeof value === 'object' && value !== null) {
    return 'id' in value ? `#${value.id}` : textOf(value);
  }
  if (SIGNS[key] !== undefined && value !== null) return `${SIGNS[key]}${value}`;
  return `${key}=${typeof value === 'string' ? encodeURIComponent(value) : value}`;
}

/** `ending=0`, `ending=SIGKILL`, `ending=notStarted,127,not%20found`; nothing for the status 1. */
function textOfEnding(ending: Ending): string {
  if (ending.type === 'signal') return `ending=${ending.signal}`;
  if (ending.type === 'status') return ending.status === 1 ? '' : `ending=${ending.status}`;
  return `ending=notStarted,${ending.status},${encodeURIComponent(ending.problem)}`;
}

/** The event of a line, and its time. */
export function parseLine(line: string): TimedEvent {
  const [at = '', type = '', ...words] = line.split(' ->')[0]?.trim().split(/\s+/) ?? [];
  if (!/^[\d.]+$/.test(at)) throw new Error(`not a line of a transcript: ${line}`);
  const fields = Object.fromEntries(words.map(fieldOf));
  const usual = type === 'exited' && !('ending' in fields) && { ending: endingOf('1') };
  // A field that is wrong or missing makes the played line differ from the given one.
  return { at: Number(at), event: { type, ...fields, ...usual } as MasterEvent };
}

function fieldOf(word: string): [key: string, value: unknown] {
  const sign = Object.entries(SIGNS).find(([, one]) => new RegExp(`^${one}\\d+$`).test(word));
  if (sign) return [sign[0], Number(word.slice(1))];
  const [key = '', text = ''] = word.split(/=(.*)/s);
  if (key === 'ending') return [key, endingOf(text)];
  if (key === 'files') return [key, text.split(',').map(decodeURIComponent)];
  const isJson = /^(-?[\d.]+|true|false|null|[[{].*[\]}])$/.test(text);
  return [key, isJson ? JSON.parse(text) : decodeURIComponent(text)];
}

function endingOf(text: string): Ending {
  const [first = '', status, problem = ''] = text.split(',');
  if (status !== undefined) {
    return { type: 'notStarted', status: Number(status), problem: decodeURIComponent(problem) };
  }
  if (first.startsWith('SIG')) return { type: 'signal', signal: first };
  return { type: 'status', status: Number(first) };
}

/** The line `with`. */
export function headingOf({ workersWanted: size, sockets, policy }: Recording): string {
  const all = Object.entries({ size, sockets, ...policy });
  const usual = new Map<string, unknown>(Object.entries({ size: 1, sockets: [], ...testPolicy }));
  const texts = all.map(([name, value]) => ({ name, text: JSON.stringify(value) }));
  const differing = texts.filter(({ name, text }) => text !== JSON.stringify(usual.get(name)));
  return ['with', ...differing.map(({ name, text }) => `${name}=${text}`)].join(' ');
}

function settingOf(heading: string): Setting {
  const {
    size = 1,
    sockets = [],
    ...policy
  } = Object.fromEntries(heading.split(' ').slice(1).map(fieldOf));
  for (const name of Object.keys(policy)) {
    if (!(name in testPolicy)) throw new Error(`no such setting: ${name}`);
  }
  return { size, sockets, policy } as Setting;
}

/** Puts the played lines into the source file in place of the transcript. */
function rewrite(file: string, transcript: string, played: readonly string[]): void {
  const indent = /\n( +)\S/.exec(transcript)?.[1] ?? '    ';
  const end = transcript.slice(transcript.lastIndexOf('\n') + 1);
  const text = `\n${played.map((line) => `${indent}${line}`).join('\n')}\n${end}`;
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(transcript, () => text),
  );
}
