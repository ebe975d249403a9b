// What went wrong, as data. How it reads is decided in one place: text/failure-text.ts.

import type { Generation, Milliseconds, WorkerId } from './fleet.js';

/** How a process ended. `notStarted`: it could not be run at all; `status` as a shell would report it (126, 127), else 1. */
export type Ending =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'signal'; readonly signal: string }
  | { readonly type: 'notStarted'; readonly status: number; readonly problem: string };

/** A worker that may be gone already. */
export interface WorkerRef {
  readonly id: WorkerId;
  readonly slot: number;
  readonly generation: Generation;
  readonly pid: number | null;
}

export type FailureCause =
  /** `exception`: the message and the first stack lines of what ended it, if it had the time to report it. */
  | { readonly type: 'exited'; readonly ending: Ending; readonly exception: string | null }
  | {
      readonly type: 'startTimeout';
      readonly after: Milliseconds;
      readonly problem: string | null;
    }
  | { readonly type: 'hung'; readonly after: Milliseconds; readonly watchdogSeen: boolean }
  /** A part of the program has seen that this worker can never serve. */
  | { readonly type: 'cannotServe'; readonly problem: string }
  /** STOPPING=1 before it was ready, or before its generation served. */
  | { readonly type: 'stoppedItself' }
  /** WATCHDOG=trigger. */
  | { readonly type: 'reportedUnhealthy' };

export interface Failure {
  readonly worker: WorkerRef;
  readonly wasReady: boolean;
  readonly cause: FailureCause;
}

export type StopReason =
  | { readonly type: 'requested' }
  | { readonly type: 'firstStartFailed'; readonly failure: Failure }
  | { readonly type: 'gaveUp'; readonly crashes: number };

/** Why a request has no outcome of its own. */
export type Refusal =
  | { readonly type: 'stopping'; readonly reason: StopReason }
  | { readonly type: 'stopped' }
  /** A later request wants another number of workers. */
  | { readonly type: 'superseded'; readonly workers: number }
  | { readonly type: 'notANumberOfWorkers'; readonly workers: number };

/** The answer to a request. `accepted`: it is begun, or will be, and the request does not wait for its end. */
export type Outcome =
  | { readonly type: 'accepted' }
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'failed'; readonly failure: Failure }
  /** It was under way when the master was stopped. */
  | { readonly type: 'cancelled'; readonly reason: StopReason };

/** The status that the master exits with. */
export function exitStatusOf(reason: StopReason): number {
  switch (reason.type) {
    case 'requested':
      return 0;
    case 'gaveUp':
      return 1;
    case 'firstStartFailed':
      return exitStatusOfFailure(reason.failure);
  }
}

/** 126 or 127 if the command cannot be run, else 1. */
export function exitStatusOfFailure({ cause }: Failure): number {
  return cause.type === 'exited' && cause.ending.type === 'notStarted' ? cause.ending.status : 1;
}
