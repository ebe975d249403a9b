// What comes out of a step: commands, which others carry out, and notices, which say what has happened.

import type { Failure, Outcome, StopReason } from './failure.js';
import type { Generation, LeaveReason, Milliseconds, RequestId, WorkerId } from './fleet.js';
import type { SocketId } from './sockets.js';

export type Command =
  | {
      readonly type: 'spawn';
      readonly worker: WorkerId;
      readonly slot: number;
      readonly generation: Generation;
    }
  /** Stop accepting, and finish what is in progress. */
  | { readonly type: 'retire'; readonly worker: WorkerId }
  /** The one stop signal. */
  | { readonly type: 'signal'; readonly worker: WorkerId }
  /** SIGKILL to the whole process tree; answered by `exited`, also if there is no such process. */
  | { readonly type: 'kill'; readonly worker: WorkerId }
  | {
      readonly type: 'reply';
      readonly request: RequestId;
      readonly outcome: Outcome;
      /** The generation that the answer is about; null when none has served yet. */
      readonly generation: Generation | null;
    }
  /** The master exits with this status. */
  | { readonly type: 'exit'; readonly status: number };

export type MasterCommand =
  | Command
  /** Close it, and tell the workers that have it as well. */
  | { readonly type: 'giveUpSocket'; readonly socket: SocketId }
  /** The master is going to exit: close all that are held. */
  | { readonly type: 'closeSockets' };

export type Notice =
  | {
      readonly type: 'rolledOut';
      readonly generation: Generation;
      readonly durationMs: Milliseconds;
    }
  | { readonly type: 'rolledBack'; readonly generation: Generation; readonly failure: Failure }
  /** In favour of a newer change of files. */
  | { readonly type: 'rolloutAbandoned'; readonly generation: Generation }
  /** A worker of the serving generation failed; it is respawned. */
  | { readonly type: 'workerCrashed'; readonly failure: Failure }
  /** A signal for the master ended a process that was starting; another one has taken its place. */
  | { readonly type: 'startedAgain'; readonly worker: WorkerId; readonly signal: string }
  | { readonly type: 'replacing'; readonly worker: WorkerId; readonly reason: LeaveReason }
  | { readonly type: 'drainTimedOut'; readonly worker: WorkerId; readonly after: Milliseconds }
  /** More than `limit` generations were draining: this one, the oldest, gets the stop signal early. */
  | { readonly type: 'drainCutShort'; readonly generation: Generation; readonly limit: number }
  | { readonly type: 'killTimedOut'; readonly worker: WorkerId }
  | { readonly type: 'shutdownBegun'; readonly reason: StopReason }
  | { readonly type: 'shutdownDone'; readonly reason: StopReason };
