// What the failure of a worker means for its generation.

import { waitAfter } from './backoff.js';
import { change, type Draft, reply } from './draft.js';
import { endFailedWorker } from './end-worker.js';
import type { Failure, FailureCause } from './failure.js';
import type { LiveWorker } from './fleet.js';

/** Records the failure of a worker against its generation, then drains or kills the worker. */
export function failWorker(draft: Draft, worker: LiveWorker, cause: FailureCause): void {
  recordFailure(draft, worker, cause);
  endFailedWorker(draft, worker);
}

/** A generation that is being rolled out fails; in the serving generation it is a crash, and sets the pace of respawns. */
export function recordFailure(draft: Draft, worker: LiveWorker, cause: FailureCause): void {
  const { rollout, serving, lifecycle, scaling } = draft.fleet;
  const { id, slot, generation, pid } = worker;
  const wasReady = worker.state === 'ready';
  const failure: Failure = { worker: { id, slot, generation, pid }, wasReady, cause };
  if (generation === rollout?.generation) {
    // The first failure is the reason; the others may only follow from it.
    if (rollout.failure === null) change(draft, { rollout: { ...rollout, failure } });
    return;
  }
  if (generation !== serving || lifecycle.state !== 'running') return;
  countAndDelayRespawn(draft, worker);
  draft.notices.push({ type: 'workerCrashed', failure });
  if (wasReady || scaling.length === 0) return;
  change(draft, { scaling: [] });
  const requests = scaling.map(({ request }) => request);
  reply(draft, requests, { type: 'failed', failure });
}

/**
 * Counts a worker that the serving generation loses, and sets the earliest time of the next respawn. Workers that ask to be
 * replaced count as well, so that they cannot make it respawn without a pause.
 */
export function countAndDelayRespawn(draft: Draft, worker: LiveWorker): void {
  const { now, fleet, policy } = draft;
  if (worker.generation !== fleet.serving) return;
  const wasStable = worker.state === 'ready' && now - worker.readyAt >= policy.backoff.stableAfter;
  const crashesInARow = wasStable ? 1 : fleet.crashesInARow + 1;
  const wait = waitAfter(crashesInARow, policy.backoff, worker.id);
  change(draft, { crashesInARow, respawnNotBefore: wait === 0 ? null : now + wait });
}
