// The words of the program: what a fleet is, what can happen to it, what can be done about it.
// Data only. All times are milliseconds of one monotonic clock that the caller chooses.

export type { Backoff, Policy } from './policy.js';

export type WorkerState = 'starting' | 'ready' | 'draining' | 'killing';

/** One process of the app, from the decision to spawn it until it is gone. */
export interface Worker {
  /** Names this process for ever; never reused. */
  readonly id: number;
  /** Place in its generation, from 1; a replacement takes the place that became free. */
  readonly slot: number;
  /** A worker never changes its generation. */
  readonly generation: number;
  readonly state: WorkerState;
  readonly pid: number | null;
  readonly startedAt: number;
  readonly readyAt: number | null;
  /** When patience with the present state ends; null while there is nothing to wait for: ready, without a watchdog. */
  readonly deadline: number | null;
  /** Until when a draining worker may finish its work. */
  readonly drainUntil: number;
  /** The one stop signal was sent. */
  readonly signalled: boolean;
  /** It takes connections already, ready or not: if it fails it is drained, and not just killed. */
  readonly accepting: boolean;
  /** It has fed its watchdog at least once. */
  readonly fed: boolean;
  /** What a hand noticed while it starts; goes into the reason if it never becomes ready. */
  readonly note: string | null;
}

/** Whoever waits for an answer. The core only hands the number back. */
export type RequestId = number;

/** Why a roll out is made, or is to be made when the present one is over. */
export interface Cause {
  readonly requests: readonly RequestId[];
  /** Somebody asked for it, be it without waiting for an answer; else files changed. */
  readonly asked: boolean;
  /** Files that changed, as they are called in messages. */
  readonly changed: readonly string[];
}

export interface Rollout extends Cause {
  readonly startedAt: number;
  /** Those that are to be replaced had much to do while a worker of it started. */
  readonly busy: boolean;
  /** Set when the target generation has failed: the next rule rolls it back. */
  readonly failure: Failure | null;
}

export interface Failure {
  readonly reason: string;
  /** What the master should exit with if this ends the first generation. */
  readonly status: number;
  readonly worker: number;
}

export interface Scaling {
  readonly request: RequestId;
  readonly size: number;
}

export interface Stop {
  readonly requests: readonly RequestId[];
  /** A signal asked for it; the next signal means now. */
  readonly signalled: boolean;
  readonly status: number;
  readonly reason: string;
}

export interface LastReload {
  readonly ok: boolean;
  readonly generation: number;
  readonly reason: string | null;
  readonly durationMs: number;
  readonly at: number;
}

/** Everything that decides anything. */
export interface Fleet {
  /** Workers wanted in each generation. */
  readonly size: number;
  /** The generation that serves; 0 before the first one does. */
  readonly serving: number;
  /** The generation being rolled out; 0 when none is. */
  readonly target: number;
  readonly lastGeneration: number;
  readonly lastWorker: number;
  /** Of all generations, in the order of their ids. */
  readonly workers: readonly Worker[];
  readonly rollout: Rollout | null;
  /** A reload that came during a rollout, with all who wait for it; null when there is none. */
  readonly queued: Cause | null;
  /** When the first of those began that newer changes have put an end to, one after the other; null when none has. */
  readonly putOffSince: number | null;
  readonly scaling: readonly Scaling[];
  readonly stop: Stop | null;
  readonly stopped: boolean;
  /** Failures in a row of the serving generation; they set the pace of respawns. */
  readonly crashes: number;
  /** No respawn before this moment. */
  readonly retryAt: number;
  readonly reloads: { readonly ok: number; readonly failed: number };
  readonly lastReload: LastReload | null;
}

/** `waiting`: nothing serves, as what was started failed; the next change of a file starts anew. */
export type Phase = 'starting' | 'waiting' | 'serving' | 'rolling out' | 'stopping' | 'stopped';

/** What happened, or what somebody asks. */
export type Event =
  | { readonly type: 'clock' }
  | { readonly type: 'reload'; readonly request?: RequestId }
  /** Files that workers were made of are not what they were. */
  | { readonly type: 'changed'; readonly files: readonly string[] }
  | { readonly type: 'scale'; readonly size: number; readonly request?: RequestId }
  | { readonly type: 'scaleBy'; readonly delta: number }
  | { readonly type: 'stop'; readonly now?: boolean; readonly request?: RequestId }
  | { readonly type: 'spawned'; readonly worker: number; readonly pid: number }
  | { readonly type: 'accepting'; readonly worker: number }
  | { readonly type: 'noted'; readonly worker: number; readonly note: string | null }
  /** `busy`: those that serve had much to do while it started. */
  | { readonly type: 'ready'; readonly worker: number; readonly busy?: boolean }
  | { readonly type: 'unfit'; readonly worker: number; readonly reason: string }
  | { readonly type: 'idle'; readonly worker: number }
  /** It asks for `ms` more, from now on, to become ready. */
  | { readonly type: 'extended'; readonly worker: number; readonly ms: number }
  /** It fed its watchdog. */
  | { readonly type: 'alive'; readonly worker: number }
  /** It stops by itself, and wants to be replaced. */
  | { readonly type: 'leaving'; readonly worker: number }
  | {
      readonly type: 'exited';
      readonly worker: number;
      /** How it ended, as a phrase: `exited with status 1`. */
      readonly reason: string;
      /** The exception that ended it, if it had the time to say so. */
      readonly detail?: string;
      /** Ended by a signal that was meant for the master, as when a whole unit is signalled. */
      readonly stray?: boolean;
      /** It could not be started: what the master should exit with if this ends the first generation. */
      readonly status?: number;
    };

/** What to do about it. Names are those of the functions that do it. */
export type Action =
  | {
      readonly type: 'spawn';
      readonly worker: number;
      readonly slot: number;
      readonly generation: number;
    }
  | { readonly type: 'retire'; readonly worker: number }
  | { readonly type: 'signal'; readonly worker: number }
  | { readonly type: 'kill'; readonly worker: number }
  | { readonly type: 'rolledOut'; readonly generation: number; readonly durationMs: number }
  | {
      readonly type: 'rolledBack';
      readonly generation: number;
      readonly reason: string;
      /** The one that failed. */
      readonly worker: number;
    }
  /** In favour of a newer change. */
  | { readonly type: 'abandoned'; readonly generation: number }
  | { readonly type: 'crashed'; readonly worker: number; readonly reason: string }
  | { readonly type: 'overdue'; readonly worker: number; readonly what: string }
  | {
      readonly type: 'reply';
      readonly request: RequestId;
      readonly ok: boolean;
      readonly generation: number;
      readonly reason: string | null;
    }
  | { readonly type: 'stopping'; readonly reason: string }
  | { readonly type: 'stopped'; readonly status: number; readonly reason: string };

/** The fleet before anything happened: the first generation is still to be spawned. */
export function emptyFleet(size: number): Fleet {
  return {
    size,
    serving: 0,
    target: 0,
    lastGeneration: 0,
    lastWorker: 0,
    workers: [],
    rollout: null,
    queued: { requests: [], asked: false, changed: [] },
    putOffSince: null,
    scaling: [],
    stop: null,
    stopped: false,
    crashes: 0,
    retryAt: 0,
    reloads: { ok: 0, failed: 0 },
    lastReload: null,
  };
}

export function phaseOf(fleet: Fleet): Phase {
  if (fleet.stopped) return 'stopped';
  if (fleet.stop) return 'stopping';
  if (isWaiting(fleet)) return 'waiting';
  if (fleet.serving === 0) return 'starting';
  return fleet.target === 0 ? 'serving' : 'rolling out';
}

function isWaiting({ serving, target, queued }: Fleet): boolean {
  return serving === 0 && target === 0 && queued === null;
}

/** Counts for its generation: neither asked to leave nor killed. */
export function isLive(worker: Worker): boolean {
  return worker.state === 'starting' || worker.state === 'ready';
}
