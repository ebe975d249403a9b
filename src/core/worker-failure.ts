// A worker failed: what that means for its generation.

import { nameOf } from '../text/fleet-summary.js';
import { waitAfter } from './backoff.js';
import { type DraftWorker, refuse, type Turn } from './draft.js';
import { discard } from './worker-state.js';

/** A worker that cannot become ready, or ran out of time: its generation hears, it has to go. */
export function fail(turn: Turn, worker: DraftWorker, how: string, status: number): void {
  blame(turn, worker, how, status);
  discard(turn, worker);
}

/** Books a failure on the generation it belongs to: its roll out, or its pace of respawns. */
export function blame(turn: Turn, worker: DraftWorker, how: string, status: number): void {
  const { fleet } = turn;
  const reason = `${nameOf(worker)} ${how}`;
  if (fleet.rollout && worker.generation === fleet.target) {
    const failure = fleet.rollout.failure ?? { reason, status, worker: worker.id };
    fleet.rollout = { ...fleet.rollout, failure };
    return;
  }
  if (worker.generation !== fleet.serving || fleet.stop) return;
  pace(turn, worker);
  turn.actions.push({ type: 'crashed', worker: worker.id, reason });
  if (worker.readyAt !== null) return;
  refuse(
    turn,
    fleet.scaling.map((one) => one.request),
    reason,
  );
  fleet.scaling = [];
}

/** One worker of the serving generation fewer: how long its replacement has to wait. */
export function pace(turn: Turn, worker: DraftWorker): void {
  const { fleet, now, policy } = turn;
  if (worker.generation !== fleet.serving) return;
  const stable = worker.readyAt !== null && now - worker.readyAt >= policy.backoff.stableAfter;
  fleet.crashes = stable ? 1 : fleet.crashes + 1;
  fleet.retryAt = now + waitAfter(fleet.crashes, policy.backoff, worker.id);
}
