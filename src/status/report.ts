// The state of a fleet, and what was seen of its processes, as others may see it. Pure.

import { type Fleet, phaseOf } from '../core/fleet.js';
import { describeFailure } from '../text/failure-text.js';
import { summarizeFleet } from '../text/fleet-summary.js';
import type { SocketReport, StatusReport } from './report-types.js';

/** What is known apart from the fleet. */
export interface StatusInput {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly sockets: readonly SocketReport[];
  /** By pid. */
  readonly connections: ReadonlyMap<number, number | null>;
  /** STATUS= of workers, by their ids. */
  readonly statusTexts: ReadonlyMap<number, string>;
  /** Milliseconds since 1970 of a moment on the clock of the fleet. */
  timeOfDay(at: number): number;
}

export function report(fleet: Fleet, input: StatusInput): StatusReport {
  const time = (at: number) => new Date(input.timeOfDay(at)).toISOString();
  const { name, pid, version } = input;
  const { lastReload } = fleet;
  return {
    ...{ name, pid, version },
    phase: phaseOf(fleet),
    generation: fleet.serving ?? 0,
    workersWanted: fleet.workersWanted,
    sockets: input.sockets,
    workers: fleet.workers.map((worker) => ({
      slot: worker.slot,
      generation: worker.generation,
      pid: worker.pid,
      state: worker.state,
      startedAt: time(worker.startedAt),
      readyAt: worker.state === 'starting' || worker.readyAt === null ? null : time(worker.readyAt),
      connections: worker.pid === null ? null : (input.connections.get(worker.pid) ?? null),
      status: input.statusTexts.get(worker.id) ?? null,
      ...(worker.state === 'draining' && worker.cutShort && { drainCutShort: true }),
    })),
    reloads: fleet.reloads,
    lastReload: lastReload && {
      ok: lastReload.failure === null,
      reason: lastReload.failure && describeFailure(lastReload.failure),
      cause: lastReload.failure?.cause.type ?? null,
      generation: lastReload.generation,
      durationMs: Math.round(lastReload.durationMs),
      at: time(lastReload.at),
    },
    census: summarizeFleet(fleet),
  };
}
