// A worker failed: what that means for its generation.
import { waitAfter } from './backoff.js';
import { nameOf } from './census.js';
import { discard } from './leave.js';
import { type DraftWorker, refuse, type Turn } from './turn.js';

/** A worker that cannot become ready, or ran out of time: its generation hears, it has to go. */
export function fail(turn: Turn, worker: DraftWorker, how: string, status: number): void {
  blame(turn, worker, how, status);
  discard(turn, worker);
}

/** Books a failure on the generation it belongs to: its roll out, or its pace of respawns. */
export function blame(turn: Turn, worker: DraftWorker, how: string, status: number): void {
  const { fleet, policy } = turn;
  const reason = `${nameOf(worker)} ${how}`;
  if (fleet.rollout && worker.generation === fleet.target) {
    if (!fleet.rollout.failure) fleet.rollout = { ...fleet.rollout, failure: { reason, status } };
    return;
  }
  if (worker.generation !== fleet.serving || fleet.stop) return;
  const stable = worker.readyAt !== null && turn.now - worker.readyAt >= policy.backoff.stableAfter;
  fleet.crashes = stable ? 1 : fleet.crashes + 1;
  fleet.retryAt = turn.now + waitAfter(fleet.crashes, policy.backoff, worker.id);
  turn.actions.push({ type: 'crashed', worker: worker.id, reason });
  if (worker.readyAt !== null) return;
  refuse(
    turn,
    fleet.scaling.map((one) => one.request),
    reason,
  );
  fleet.scaling = [];
}
