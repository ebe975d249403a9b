// The working copy of one step. Fleets are never mutated: a change puts a new fleet into the draft.

import type { Command, Notice } from './commands.js';
import type { Outcome } from './failure.js';
import type { Fleet, Generation, Milliseconds, RequestId, Worker, WorkerId } from './fleet.js';
import type { Policy } from './policy.js';

export interface Draft {
  fleet: Fleet;
  /** The earliest time at which a rule has something to do; null: none waits for time. */
  wakeAt: Milliseconds | null;
  readonly commands: Command[];
  readonly notices: Notice[];
  readonly now: Milliseconds;
  readonly policy: Policy;
}

export function change(draft: Draft, changes: Partial<Fleet>): void {
  draft.fleet = { ...draft.fleet, ...changes };
}

/** Puts this worker in the place of the one with the same id. */
export function setWorker(draft: Draft, worker: Worker): void {
  const workers = draft.fleet.workers.map((known) => (known.id === worker.id ? worker : known));
  change(draft, { workers });
}

export function removeWorker(draft: Draft, id: WorkerId): void {
  change(draft, { workers: draft.fleet.workers.filter((worker) => worker.id !== id) });
}

/** True if the time has come. Otherwise the caller of the step is asked to look again then. */
export function isDueOrWake(draft: Draft, at: Milliseconds): boolean {
  if (at <= draft.now) return true;
  draft.wakeAt = Math.min(draft.wakeAt ?? at, at);
  return false;
}

export function reply(
  draft: Draft,
  requests: readonly RequestId[],
  outcome: Outcome,
  generation: Generation | null = draft.fleet.serving,
): void {
  for (const request of requests) {
    draft.commands.push({ type: 'reply', request, outcome, generation });
  }
}
