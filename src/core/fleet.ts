// What a fleet is: data only. Each state has exactly the fields that it needs, so that an impossible fleet cannot be
// written down. All times are milliseconds of one monotonic clock that the caller chooses.

import type { Failure, StopReason } from './failure.js';

/**
 * Numbers that TypeScript keeps apart: a Generation is not accepted where a WorkerId is wanted. A plain number is accepted
 * everywhere, so arithmetic and tests need no casts.
 */
export type WorkerId = number & { readonly kind?: 'WorkerId' };
export type Generation = number & { readonly kind?: 'Generation' };
export type RequestId = number & { readonly kind?: 'RequestId' };
/** A moment, or a length of time. */
export type Milliseconds = number & { readonly kind?: 'Milliseconds' };

/** What never changes about a worker, apart from its pid, which is known a moment after the spawn. */
interface WorkerIdentity {
  /** Names this process for ever; never used again. */
  readonly id: WorkerId;
  /** Its number in the generation, from 1. A replacement takes the slot of the worker that it replaces. */
  readonly slot: number;
  readonly generation: Generation;
  readonly pid: number | null;
  /** When its start began, which may have taken more than one process: see `startedAgain`. */
  readonly startedAt: Milliseconds;
}

export interface StartingWorker extends WorkerIdentity {
  readonly state: 'starting';
  /** If it is not ready by then it has failed, and so has a generation that is being rolled out. */
  readonly readyBy: Milliseconds;
  /** It accepts connections before it is ready: if it fails, it is drained instead of killed. */
  readonly acceptsConnections: boolean;
  readonly watchdogSeen: boolean;
  /** Processes of this start that a signal for the master has ended: see MAX_SIGNALLED_STARTS. */
  readonly startedAgain: number;
  /** Why it is not ready yet, as far as a probe can tell; becomes part of the failure. */
  readonly startProblem: string | null;
}

export interface ReadyWorker extends WorkerIdentity {
  readonly state: 'ready';
  readonly readyAt: Milliseconds;
  /** When it is considered hung unless it pings its watchdog; null without a watchdog, and while it is leaving. */
  readonly hungAt: Milliseconds | null;
  /** It has pinged its watchdog at least once. */
  readonly watchdogSeen: boolean;
  /** Why it is to be replaced: its replacement becomes ready first, then this worker drains. Null: it stays. */
  readonly leaving: LeaveReason | null;
}

export interface DrainingWorker extends WorkerIdentity {
  readonly state: 'draining';
  readonly readyAt: Milliseconds | null;
  /** Until then it may finish its work before it gets the stop signal. */
  readonly drainUntil: Milliseconds;
  /** When it is killed; null until the stop signal was sent. */
  readonly killAt: Milliseconds | null;
  /** The stop signal was sent early, because too many generations were draining. */
  readonly cutShort: boolean;
}

export interface KillingWorker extends WorkerIdentity {
  readonly state: 'killing';
  readonly readyAt: Milliseconds | null;
  /** SIGKILL is repeated then if the worker is not reported gone. */
  readonly killAgainAt: Milliseconds;
}

/** One process of the app, from the decision to spawn it until it is gone. */
export type Worker = StartingWorker | ReadyWorker | DrainingWorker | KillingWorker;
export type LiveWorker = StartingWorker | ReadyWorker;
export type WorkerState = Worker['state'];

/** stopping: STOPPING=1. watchdog: WATCHDOG=trigger. Both of sd_notify(3). */
export type LeaveReason = 'stopping' | 'watchdog';

/** Why a rollout is made. */
export interface RolloutTrigger {
  /** Those that wait for its outcome. */
  readonly requests: readonly RequestId[];
  /** It was asked for, by a request or by a signal; else files have changed, or it is the first start. */
  readonly asked: boolean;
  /** Files that changed, as they are called in messages. */
  readonly changedFiles: readonly string[];
}

export interface Rollout extends RolloutTrigger {
  readonly generation: Generation;
  readonly startedAt: Milliseconds;
  /** Set when a worker of the generation has failed; the next rule rolls back. */
  readonly failure: Failure | null;
}

export interface ScaleRequest {
  readonly request: RequestId;
  readonly workers: number;
}

export type Lifecycle =
  | { readonly state: 'running' }
  | {
      readonly state: 'stopping';
      readonly reason: StopReason;
      readonly requests: readonly RequestId[];
      /** A signal, or the user of `dev`, asked for the stop; the next signal kills at once. */
      readonly signalled: boolean;
    }
  | { readonly state: 'stopped'; readonly reason: StopReason };

/** The outcome of the last rollout that replaced, or should have replaced, a serving generation. */
export interface LastReload {
  readonly generation: Generation;
  /** Null if it succeeded. */
  readonly failure: Failure | null;
  readonly durationMs: Milliseconds;
  readonly at: Milliseconds;
}

/** Everything that decides anything about workers. */
export interface Fleet {
  readonly lifecycle: Lifecycle;
  /** In each generation. */
  readonly workersWanted: number;
  /** The generation that serves; null before the first one does. */
  readonly serving: Generation | null;
  readonly rollout: Rollout | null;
  /** What was asked for during a rollout, or at the start: the next rollout. */
  readonly nextRollout: RolloutTrigger | null;
  /** Start of the first rollout in the current series of abandoned rollouts; null if there is none. */
  readonly abandonedSince: Milliseconds | null;
  /** Of all generations, in the order of their ids. */
  readonly workers: readonly Worker[];
  readonly lastGeneration: Generation;
  readonly lastWorker: WorkerId;
  readonly scaling: readonly ScaleRequest[];
  /** Workers in a row that the serving generation has lost; they set the pace of respawns. */
  readonly crashesInARow: number;
  /** The earliest time of the next respawn; null: at once. */
  readonly respawnNotBefore: Milliseconds | null;
  readonly reloads: { readonly ok: number; readonly failed: number };
  readonly lastReload: LastReload | null;
}

/** `waiting`: nothing serves, because what was started has failed; the next change of a file starts a new generation. */
export type Phase = 'starting' | 'waiting' | 'serving' | 'rolling out' | 'stopping' | 'stopped';

/** The fleet before anything has happened: the first generation is still to be spawned. */
export function emptyFleet(workersWanted: number): Fleet {
  return {
    lifecycle: { state: 'running' },
    workersWanted,
    serving: null,
    rollout: null,
    nextRollout: { requests: [], asked: false, changedFiles: [] },
    abandonedSince: null,
    workers: [],
    lastGeneration: 0,
    lastWorker: 0,
    scaling: [],
    crashesInARow: 0,
    respawnNotBefore: null,
    reloads: { ok: 0, failed: 0 },
    lastReload: null,
  };
}

export function phaseOf(fleet: Fleet): Phase {
  const { lifecycle, serving, rollout, nextRollout } = fleet;
  if (lifecycle.state !== 'running') return lifecycle.state;
  if (serving !== null) return rollout ? 'rolling out' : 'serving';
  return rollout || nextRollout ? 'starting' : 'waiting';
}

export function findWorker({ workers }: Fleet, id: WorkerId): Worker | undefined {
  return workers.find((worker) => worker.id === id);
}

/** Whether a worker of the generation accepts connections. */
export function hasReadyWorker({ workers }: Fleet, generation: Generation | null): boolean {
  return workers.some((worker) => worker.generation === generation && worker.state === 'ready');
}

/** It was neither retired nor killed. */
export function isLive(worker: Worker): worker is LiveWorker {
  return worker.state === 'starting' || worker.state === 'ready';
}

/** It counts towards the wanted number: a worker that is to be replaced does not. */
export function isMember(worker: Worker): worker is LiveWorker {
  return worker.state === 'starting' || (worker.state === 'ready' && worker.leaving === null);
}

/** When something has to be done about the worker if nothing happens before; null: never. */
export function deadlineOf(worker: Worker): Milliseconds | null {
  switch (worker.state) {
    case 'starting':
      return worker.readyBy;
    case 'ready':
      return worker.hungAt;
    case 'draining':
      return worker.killAt ?? worker.drainUntil;
    case 'killing':
      return worker.killAgainAt;
  }
}
