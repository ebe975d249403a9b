// The state of a fleet, and what was seen of its processes, as others may see it. Pure.

import { type Fleet, phaseOf } from '../core/fleet.js';
import { census } from '../text/fleet-summary.js';
import type { SocketReport, StatusReport } from './report-types.js';

export interface Seen {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly sockets: readonly SocketReport[];
  /** By pid. */
  readonly connections: ReadonlyMap<number, number | null>;
  /** STATUS= of workers, by their ids. */
  readonly texts: ReadonlyMap<number, string>;
  /** Milliseconds since 1970 of a moment on the clock of the fleet. */
  timeOfDay(at: number): number;
}

export function report(fleet: Fleet, seen: Seen): StatusReport {
  const time = (at: number) => new Date(seen.timeOfDay(at)).toISOString();
  const { lastReload } = fleet;
  return {
    name: seen.name,
    pid: seen.pid,
    version: seen.version,
    phase: phaseOf(fleet),
    generation: fleet.serving,
    workersWanted: fleet.size,
    sockets: seen.sockets,
    workers: fleet.workers.map(({ id, slot, generation, pid, state, startedAt, readyAt }) => ({
      slot,
      generation,
      pid,
      state,
      startedAt: time(startedAt),
      readyAt: readyAt === null ? null : time(readyAt),
      connections: pid === null ? null : (seen.connections.get(pid) ?? null),
      status: seen.texts.get(id) ?? null,
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
