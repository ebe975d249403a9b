// The shape of `status --json` and of the answer to a status request: what others may see of a fleet. It is
// a contract: extend it, never change it.
import type { FailureCause } from '../core/failure.js';
import type { Phase, WorkerState } from '../core/fleet.js';

export interface StatusReport {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly phase: Phase;
  /** The generation that serves; 0 before the first one does. */
  readonly generation: number;
  readonly workersWanted: number;
  readonly sockets: readonly SocketReport[];
  readonly workers: readonly WorkerReport[];
  readonly reloads: { readonly ok: number; readonly failed: number };
  readonly lastReload: {
    readonly ok: boolean;
    readonly reason: string | null;
    /** The kind of failure, for programs; null if it succeeded. */
    readonly cause: FailureCause['type'] | null;
    readonly generation: number;
    readonly durationMs: number;
    readonly at: string;
  } | null;
  readonly census: string;
}

export interface SocketReport {
  readonly name: string;
  readonly address: string;
  /** Connections that no worker has accepted yet; null where the kernel does not tell. */
  readonly queued: number | null;
}

export interface WorkerReport {
  readonly slot: number;
  readonly generation: number;
  readonly pid: number | null;
  readonly state: WorkerState;
  readonly startedAt: string;
  readonly readyAt: string | null;
  readonly connections: number | null;
  /** What it said of itself by sd_notify(3), STATUS=; null if nothing. */
  readonly status: string | null;
  /** It got its stop signal early, because more generations were draining than --max-draining allows. */
  readonly drainCutShort?: true;
}
