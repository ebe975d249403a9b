// Tells what the core does as a log that people can read: time, event, actions, workers after.
// The first column of a transcript is its own script, so a trace pastes into a test.
import assert from 'node:assert/strict';
import {
  type Action,
  type Event,
  emptyFleet,
  type Fleet,
  type Policy,
} from '../../src/core/fleet.js';
import { type Step, step } from '../../src/core/step.js';

/** Short round times, and no chance. */
export const testPolicy: Policy = {
  startTimeout: 100,
  startCeiling: 300,
  watchdog: 0,
  overlap: 0,
  busyOverlap: 0,
  drainTimeout: 50,
  killTimeout: 20,
  killRepeat: 10,
  firstAlone: false,
  waitForChange: false,
  putOffFor: 30,
  backoff: { base: 10, ceiling: 40, stableAfter: 200, jitter: 0, seed: 0 },
  maxCrashes: 0,
};

export interface Setting {
  /** Workers wanted; 1 when absent. */
  readonly size?: number;
  /** What differs from `testPolicy`. */
  readonly policy?: Partial<Policy>;
}

/** One line an event: `2 reload     -> spawn #2 g2        | #1g1:ready #2g2:starting`. */
export function play(script: readonly string[], setting: Setting = {}): string[] {
  return perform(script, setting).lines;
}

/** Asserts a whole transcript: its first column, played anew, tells the same story. */
export function tells(transcript: string, setting: Setting = {}): void {
  const lines = transcript.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '');
  assert.equal(play(told, setting).join('\n'), told.join('\n'));
}

/** The fleet at the end of a script, and the time. */
export function fleetAfter(script: readonly string[], setting: Setting = {}): [Fleet, number] {
  const { fleet, now } = perform(script, setting);
  return [fleet, now];
}

function perform(script: readonly string[], { size = 1, policy = {} }: Setting) {
  let fleet = emptyFleet(size);
  let now = 0;
  const lines: string[] = [];
  for (const line of script) {
    const { at, event } = parse(line);
    if (at < now) throw new Error(`time runs backwards: ${line}`);
    now = at;
    const result = step(fleet, event, now, { ...testPolicy, ...policy });
    fleet = result.fleet;
    lines.push(lineOf(now, event, result));
  }
  return { fleet, now, lines };
}

export function lineOf(now: number, event: Event, { fleet, actions }: Step): string {
  const happened = `${now} ${textOfEvent(event)}`.padEnd(12);
  const workers = fleet.workers.map((one) => `#${one.id}g${one.generation}:${one.state}`);
  return `${happened} -> ${textOfActions(actions).padEnd(24)} | ${workers.join(' ') || 'none'}`;
}

function parse(line: string): { at: number; event: Event } {
  const told = line.split('->')[0]?.trim() ?? '';
  const [at = '', type = '', ...words] = told.split(/\s+/);
  const event = eventOf(type, words);
  if (!/^\d+$/.test(at) || event === null) throw new Error(`not a line of a transcript: ${line}`);
  return { at: Number(at), event };
}

function eventOf(type: string, words: readonly string[]): Event | null {
  const asking = words.find((word) => /^r\d+$/.test(word));
  const request = asking === undefined ? {} : { request: Number(asking.slice(1)) };
  const worker = Number(words[0]?.replace('#', ''));
  const text = words.slice(1).join(' ');
  switch (type) {
    case 'clock':
      return { type };
    case 'reload':
      return { type, ...request };
    case 'changed':
      return { type, files: words };
    case 'scale':
      return { type, size: Number(words[0]), ...request };
    case 'scaleBy':
      return { type, delta: Number(words[0]) };
    case 'stop':
      return { type, ...(words[0] === 'now' ? { now: true } : {}), ...request };
    case 'spawned':
      return { type, worker, pid: Number(text) };
    case 'ready':
      return { type, worker, ...(text === 'busy' ? { busy: true } : {}) };
    case 'accepting':
    case 'idle':
    case 'alive':
    case 'leaving':
      return { type, worker };
    case 'extended':
      return { type, worker, ms: Number(text) };
    case 'noted':
      return { type, worker, note: text || null };
    case 'unfit':
      return { type, worker, reason: text };
    case 'exited': {
      if (text.startsWith('stray ')) return { type, worker, reason: text.slice(6), stray: true };
      // `exited #1 127 cannot run it -- Error: …`: all but the worker may be left out.
      const [how = '', detail] = text.split(/(?:^| )-- /);
      const [, status, reason = how] = /^(\d+) ?(.*)$/.exec(how) ?? [];
      return {
        type,
        worker,
        reason: reason || `exited with status ${status ?? 1}`,
        ...(status === undefined ? {} : { status: Number(status) }),
        ...(detail === undefined ? {} : { detail }),
      };
    }
    default:
      return null;
  }
}

/** The inverse of parsing. */
function textOfEvent(event: Event): string {
  const asking = 'request' in event && event.request !== undefined ? ` r${event.request}` : '';
  switch (event.type) {
    case 'clock':
    case 'reload':
      return `${event.type}${asking}`;
    case 'changed':
      return `changed ${event.files.join(' ')}`;
    case 'scale':
      return `scale ${event.size}${asking}`;
    case 'scaleBy':
      return `scaleBy ${event.delta > 0 ? '+' : ''}${event.delta}`;
    case 'stop':
      return `stop${event.now ? ' now' : ''}${asking}`;
    case 'spawned':
      return `spawned #${event.worker} ${event.pid}`;
    case 'ready':
      return `ready #${event.worker}${event.busy ? ' busy' : ''}`;
    case 'noted':
      return `noted #${event.worker} ${event.note ?? ''}`.trimEnd();
    case 'extended':
      return `extended #${event.worker} ${event.ms}`;
    case 'unfit':
      return `unfit #${event.worker} ${event.reason}`;
    case 'exited': {
      if (event.stray) return `exited #${event.worker} stray ${event.reason}`;
      const usual = event.reason === `exited with status ${event.status ?? 1}`;
      const status = event.status === undefined ? '' : ` ${event.status}`;
      const detail = event.detail === undefined ? '' : ` -- ${event.detail}`;
      return `exited #${event.worker}${status}${usual ? '' : ` ${event.reason}`}${detail}`;
    }
    default:
      return `${event.type} #${event.worker}`;
  }
}

function textOfActions(actions: readonly Action[]): string {
  let last: string | null = null;
  const texts = actions.map((action) => {
    const reason = 'reason' in action ? action.reason : null;
    // A failure is told to many; once a line is enough to read.
    const because = reason === null ? '' : `: ${reason === last ? 'same' : reason}`;
    last = reason ?? last;
    return textOfAction(action) + because;
  });
  return texts.join(', ') || '-';
}

function textOfAction(action: Action): string {
  switch (action.type) {
    case 'spawn': {
      const slot = action.slot === 1 ? '' : ` slot ${action.slot}`;
      return `spawn #${action.worker} g${action.generation}${slot}`;
    }
    case 'rolledOut':
      return `rolledOut g${action.generation} in ${action.durationMs}ms`;
    case 'rolledBack':
      return `rolledBack g${action.generation}`;
    case 'abandoned':
      return `abandoned g${action.generation}`;
    case 'overdue':
      return `overdue #${action.worker}: ${action.what}`;
    case 'reply':
      return `reply r${action.request} ${action.ok ? 'ok' : 'no'} g${action.generation}`;
    case 'stopping':
      return 'stopping';
    case 'stopped':
      return `stopped ${action.status}`;
    default:
      return `${action.type} #${action.worker}`;
  }
}
