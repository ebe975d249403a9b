// Shows what the core does as a text that people can read: time, event, what follows, workers after.
// The first column of a transcript is its own script, so a recorded incident pastes into a test.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { MasterCommand, Notice } from '../../src/core/commands.js';
import type { MasterEvent, WorkerEvent } from '../../src/core/events.js';
import type { Ending, Failure, Outcome, Refusal, StopReason } from '../../src/core/failure.js';
import { emptyFleet, type Fleet } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { initialSockets } from '../../src/core/sockets.js';
import { type Decision, decide, type State } from '../../src/core/step-master.js';
import { root } from './paths.js';

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
  /** What differs from `testPolicy`. */
  readonly policy?: Partial<Policy>;
}

/** One line for each event: `2 reload     -> spawn #2 g2        | #1g1:ready #2g2:starting`. */
function play(script: readonly string[], setting: Setting = {}): string[] {
  return perform(script, setting).lines;
}

/**
 * Asserts a whole transcript: its first column, played again, gives the same text. With REWRITE=1 in the environment the
 * test file is rewritten instead; the difference is then to be read like any other change.
 */
export function tells(transcript: string, setting: Setting = {}): void {
  const lines = transcript.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '');
  const played = play(told, setting);
  if (process.env.REWRITE === '1' && played.join('\n') !== told.join('\n')) {
    return rewrite(transcript, played);
  }
  assert.equal(played.join('\n'), told.join('\n'));
}

/** The fleet at the end of a script, the time, and the time of the next wake-up. */
export function fleetAfter(
  script: readonly string[],
  setting: Setting = {},
): [fleet: Fleet, now: number, wakeAt: number | null] {
  const { fleet, now, wakeAt } = perform(script, setting);
  return [fleet, now, wakeAt];
}

function perform(script: readonly string[], { size = 1, policy = {} }: Setting) {
  let state: State = { fleet: emptyFleet(size), sockets: initialSockets([]) };
  let now = 0;
  let wakeAt: number | null = null;
  const lines: string[] = [];
  for (const line of script) {
    const { at, event } = parseLine(line);
    if (at < now) throw new Error(`time runs backwards: ${line}`);
    now = at;
    const decision = decide(state, event, now, { ...testPolicy, ...policy });
    ({ state, wakeAt } = decision);
    lines.push(lineOf(now, event, decision));
  }
  return { fleet: state.fleet, now, wakeAt, lines };
}

export function lineOf(
  now: number,
  event: MasterEvent,
  { state: { fleet }, commands, notices }: Decision,
): string {
  const happened = `${now} ${textOfEvent(event)}`.padEnd(12);
  const workers = fleet.workers.map((one) => {
    const leaves = one.state === 'ready' && one.leaving !== null ? ' leaving' : '';
    return `#${one.id}g${one.generation}:${one.state}${leaves}`;
  });
  const effects = [...notices.map(textOfNotice), ...commands.map(textOfCommand)].join(', ') || '-';
  return `${happened} -> ${effects.padEnd(24)} | ${workers.join(' ') || 'none'}`;
}

export function parseLine(line: string): { at: number; event: MasterEvent } {
  const told = line.split(' ->')[0]?.trim() ?? '';
  const [at = '', type = '', ...words] = told.split(/\s+/);
  const event = eventOf(type, words);
  if (!/^[\d.]+$/.test(at) || event === null)
    throw new Error(`not a line of a transcript: ${line}`);
  return { at: Number(at), event };
}

function eventOf(type: string, words: readonly string[]): MasterEvent | null {
  const asking = words.find((word) => /^r\d+$/.test(word));
  const request = asking === undefined ? {} : { request: Number(asking.slice(1)) };
  switch (type) {
    case 'clock':
      return { type };
    case 'reload':
      return { type, ...request, ...(words.includes('no-wait') && { wait: false }) };
    case 'filesChanged':
      return { type, files: words.map(decodeURIComponent) };
    case 'scale':
      return { type, workers: Number(words[0]), ...request };
    case 'scaleBy':
      return { type, delta: Number(words[0]) };
    case 'stop':
      return { type, ...(words[0] === 'now' && { now: true }), ...request };
    case 'socketOpened':
    case 'socketUsed':
    case 'socketClosed': {
      const [worker, socket] = words.map((word) => Number(word.slice(1)));
      const about = { worker: worker ?? 0, socket: socket ?? 0 };
      if (type === 'socketOpened') return { type, ...about, isPrivate: words[2] === 'private' };
      return { type, ...about };
    }
    default:
      return workerEventOf(type, Number(words[0]?.slice(1)), words.slice(1));
  }
}

function workerEventOf(type: string, worker: number, words: readonly string[]): WorkerEvent | null {
  const text = words.join(' ');
  switch (type) {
    case 'spawned':
      return { type, worker, pid: Number(text) };
    case 'ready':
    case 'acceptsConnections':
    case 'drained':
    case 'watchdogPing':
      return { type, worker };
    case 'wantsReplacement':
      return { type, worker, reason: text === 'watchdog' ? text : 'stopping' };
    case 'startTimeExtended':
      return { type, worker, ms: Number(text) };
    case 'startProblem':
      return { type, worker, problem: text || null };
    case 'cannotServe':
      return { type, worker, problem: text };
    case 'exited': {
      const [how = '', exception] = text.split(/(?:^| )-- /);
      const stray = how.endsWith('stray');
      const ending = endingOf(stray ? how.slice(0, -5).trim() : how);
      return {
        ...{ type, worker, ending },
        ...(exception !== undefined && { exception: decodeURIComponent(exception) }),
        ...(stray && { stray }),
      };
    }
    default:
      return null;
  }
}

/** `exited #1`: status 1; `exited #1 0`; `exited #1 SIGKILL`; `exited #1 notStarted 127 problem`. */
function endingOf(text: string): Ending {
  if (/^SIG/.test(text)) return { type: 'signal', signal: text };
  const [, status, problem] = /^notStarted (\d+) (.*)$/.exec(text) ?? [];
  if (problem !== undefined) return { type: 'notStarted', status: Number(status), problem };
  return { type: 'status', status: text === '' ? 1 : Number(text) };
}

/** The inverse of parsing. */
function textOfEvent(event: MasterEvent): string {
  const asking = 'request' in event && event.request !== undefined ? ` r${event.request}` : '';
  switch (event.type) {
    case 'clock':
      return event.type;
    case 'reload':
      return `reload${asking}${event.wait === false ? ' no-wait' : ''}`;
    case 'filesChanged':
      return `filesChanged ${event.files.map(encodeURI).join(' ')}`;
    case 'scale':
      return `scale ${event.workers}${asking}`;
    case 'scaleBy':
      return `scaleBy ${event.delta > 0 ? '+' : ''}${event.delta}`;
    case 'stop':
      return `stop${event.now ? ' now' : ''}${asking}`;
    case 'spawned':
      return `spawned #${event.worker} ${event.pid}`;
    case 'startProblem':
    case 'cannotServe':
      return `${event.type} #${event.worker} ${event.problem ?? ''}`.trimEnd();
    case 'startTimeExtended':
      return `startTimeExtended #${event.worker} ${event.ms}`;
    case 'wantsReplacement':
      return `wantsReplacement #${event.worker} ${event.reason}`;
    case 'socketOpened':
      return `socketOpened #${event.worker} s${event.socket}${event.isPrivate ? ' private' : ''}`;
    case 'socketUsed':
    case 'socketClosed':
      return `${event.type} #${event.worker} s${event.socket}`;
    case 'exited': {
      const { exception } = event;
      const parts = [
        `exited #${event.worker}`,
        textOfEnding(event.ending),
        event.stray ? 'stray' : '',
        exception === undefined ? '' : `-- ${encodeURIComponent(exception)}`,
      ];
      return parts.filter((part) => part !== '').join(' ');
    }
    default:
      return `${event.type} #${event.worker}`;
  }
}

function textOfEnding(ending: Ending): string {
  if (ending.type === 'signal') return ending.signal;
  if (ending.type === 'notStarted') return `notStarted ${ending.status} ${ending.problem}`;
  return ending.status === 1 ? '' : String(ending.status);
}

function textOfNotice(notice: Notice): string {
  switch (notice.type) {
    case 'rolledOut':
      return `rolledOut g${notice.generation} in ${notice.durationMs}ms`;
    case 'rolledBack':
      return `rolledBack g${notice.generation}: ${textOfFailure(notice.failure)}`;
    case 'rolloutAbandoned':
      return `rolloutAbandoned g${notice.generation}`;
    case 'workerCrashed':
      return `workerCrashed ${textOfFailure(notice.failure)}`;
    case 'drainCutShort':
      return `drainCutShort g${notice.generation}`;
    case 'shutdownBegun':
    case 'shutdownDone':
      return `${notice.type}: ${textOfStopReason(notice.reason)}`;
    case 'replacing':
      return `replacing #${notice.worker}: ${notice.reason}`;
    default:
      return `${notice.type} #${notice.worker}`;
  }
}

function textOfCommand(command: MasterCommand): string {
  switch (command.type) {
    case 'spawn': {
      const slot = command.slot === 1 ? '' : ` slot ${command.slot}`;
      return `spawn #${command.worker} g${command.generation}${slot}`;
    }
    case 'reply': {
      const about = command.generation === null ? '' : ` g${command.generation}`;
      return `reply r${command.request}${about} ${textOfOutcome(command.outcome)}`;
    }
    case 'exit':
      return `exit ${command.status}`;
    case 'giveUpSocket':
      return `giveUpSocket s${command.socket}`;
    case 'closeSockets':
      return command.type;
    default:
      return `${command.type} #${command.worker}`;
  }
}

function textOfOutcome(outcome: Outcome): string {
  if (outcome.type === 'refused') return `refused: ${textOfRefusal(outcome.refusal)}`;
  if (outcome.type === 'cancelled') return `cancelled: ${textOfStopReason(outcome.reason)}`;
  return outcome.type === 'failed' ? `failed: ${textOfFailure(outcome.failure)}` : outcome.type;
}

function textOfRefusal(refusal: Refusal): string {
  switch (refusal.type) {
    case 'stopping':
      return `stopping, ${textOfStopReason(refusal.reason)}`;
    case 'superseded':
      return `superseded by ${refusal.workers}`;
    default:
      return refusal.type;
  }
}

function textOfStopReason(reason: StopReason): string {
  if (reason.type === 'gaveUp') return `gaveUp after ${reason.crashes}`;
  return reason.type === 'requested' ? reason.type : textOfFailure(reason.failure);
}

function textOfFailure({ worker, wasReady, cause }: Failure): string {
  const state = wasReady ? '' : ' starting';
  switch (cause.type) {
    case 'exited': {
      const exception = cause.exception === null ? '' : ` -- ${cause.exception}`;
      const ending = textOfEnding(cause.ending);
      return `#${worker.id}${state} exited${ending === '' ? '' : ` ${ending}`}${exception}`;
    }
    case 'startTimeout':
      return `#${worker.id} startTimeout ${cause.after}ms${cause.problem === null ? '' : ` ${cause.problem}`}`;
    case 'hung':
      return `#${worker.id} hung ${cause.after}ms${cause.watchdogSeen ? '' : ', never pinged'}`;
    case 'cannotServe':
      return `#${worker.id}${state} cannotServe ${cause.problem}`;
    default:
      return `#${worker.id}${state} ${cause.type}`;
  }
}

/** Puts the played lines into the source file in place of the transcript. */
function rewrite(transcript: string, played: readonly string[]): void {
  const trace = new Error().stack ?? '';
  const [, name] = /dist\/(test\/[\w/-]+\.test)\.js/.exec(trace) ?? [];
  if (name === undefined) throw new Error('no test file in the stack');
  const file = `${root}${name}.ts`;
  const source = readFileSync(file, 'utf8');
  const indent = /\n( +)\S/.exec(transcript)?.[1] ?? '    ';
  const text = `\n${played.map((line) => `${indent}${line}`).join('\n')}\n`;
  const end = transcript.slice(transcript.lastIndexOf('\n') + 1);
  writeFileSync(
    file,
    source.replace(transcript, () => `${text}${end}`),
  );
}
