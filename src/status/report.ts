// What others may see of a fleet. The shape is a contract: extend it, never change it. Pure.
import { census } from '../core/census.js';
import { type Fleet, phaseOf, type WorkerState } from '../core/vocabulary.js';

export interface StatusReport {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly phase: string;
  /** The generation that serves; 0 before the first one does. */
  readonly generation: number;
  readonly workersWanted: number;
  readonly sockets: readonly SocketReport[];
  readonly workers: readonly WorkerReport[];
  readonly reloads: { readonly ok: number; readonly failed: number };
  readonly lastReload: {
    readonly ok: boolean;
    readonly reason: string | null;
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
}

export interface Seen {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly sockets: readonly SocketReport[];
  /** By pid. */
  readonly connections: ReadonlyMap<number, number | null>;
  /** Wall-clock milliseconds at which the clock of the fleet was 0. */
  readonly clockOrigin: number;
}

export function report(fleet: Fleet, seen: Seen): StatusReport {
  const time = (at: number) => new Date(seen.clockOrigin + at).toISOString();
  const { lastReload } = fleet;
  return {
    name: seen.name,
    pid: seen.pid,
    version: seen.version,
    phase: phaseOf(fleet),
    generation: fleet.serving,
    workersWanted: fleet.size,
    sockets: seen.sockets,
    workers: fleet.workers.map(({ slot, generation, pid, state, startedAt, readyAt }) => ({
      slot,
      generation,
      pid,
      state,
      startedAt: time(startedAt),
      readyAt: readyAt === null ? null : time(readyAt),
      connections: pid === null ? null : (seen.connections.get(pid) ?? null),
    })),
    reloads: fleet.reloads,
    lastReload: lastReload && {
      ...lastReload,
      durationMs: Math.round(lastReload.durationMs),
      at: time(lastReload.at),
    },
    census: census(fleet),
  };
}
