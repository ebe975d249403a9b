// What happens to a fleet, and what is asked of it. A report about a worker may come late, twice or not at all.

import type { Ending } from './failure.js';
import type { LeaveReason, Milliseconds, RequestId, WorkerId } from './fleet.js';
import type { SocketEvent } from './sockets.js';

export type Request =
  /** `wait: false`: the answer says whether it is accepted, not how it ended. */
  | { readonly type: 'reload'; readonly request?: RequestId; readonly wait?: boolean }
  | { readonly type: 'scale'; readonly workers: number; readonly request?: RequestId }
  | { readonly type: 'scaleBy'; readonly delta: number }
  | { readonly type: 'stop'; readonly now?: boolean; readonly request?: RequestId };

export type WorkerEvent =
  | { readonly type: 'spawned'; readonly worker: WorkerId; readonly pid: number }
  | { readonly type: 'acceptsConnections'; readonly worker: WorkerId }
  /** Null: what kept it from being ready is over. */
  | { readonly type: 'startProblem'; readonly worker: WorkerId; readonly problem: string | null }
  | { readonly type: 'ready'; readonly worker: WorkerId }
  | { readonly type: 'cannotServe'; readonly worker: WorkerId; readonly problem: string }
  /** Retired, and all its work is done, or it cannot tell. */
  | { readonly type: 'drained'; readonly worker: WorkerId }
  /** It asks for `ms` more to become ready, counted from now. */
  | { readonly type: 'startTimeExtended'; readonly worker: WorkerId; readonly ms: Milliseconds }
  | { readonly type: 'watchdogPing'; readonly worker: WorkerId }
  | { readonly type: 'wantsReplacement'; readonly worker: WorkerId; readonly reason: LeaveReason }
  | {
      readonly type: 'exited';
      readonly worker: WorkerId;
      readonly ending: Ending;
      /** The message and first stack lines of the exception that ended it, if it reported one. */
      readonly exception?: string;
    };

export type Event =
  /** Time has passed; sent at `wakeAt`. */
  | { readonly type: 'clock' }
  | Request
  /** Files that are watched have changed. */
  | { readonly type: 'filesChanged'; readonly files: readonly string[] }
  | WorkerEvent;

/** All that the master decides about. */
export type MasterEvent = Event | SocketEvent;
