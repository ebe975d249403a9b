// The life of a rollout: it begins, and ends by rolling out, by rolling back, or for a newer change.
// All workers of the new generation become ready first, only then the old ones retire. Until that moment the old
// generation is untouched, so there is something to fall back on, except at the first start.

import { change, type Draft, isDueOrWake, reply } from './draft.js';
import { exitStatusOfFailure, type Failure } from './failure.js';
import { type Fleet, hasReadyWorker, isMember, type Milliseconds, type Rollout } from './fleet.js';
import type { Policy } from './policy.js';
import { beginShutdown } from './shutdown.js';

/** Rule: one rollout at a time; however many were asked for meanwhile, one more follows. */
export function beginRollout(draft: Draft): void {
  const { lifecycle, rollout, nextRollout, lastGeneration } = draft.fleet;
  if (lifecycle.state !== 'running' || rollout || !nextRollout) return;
  const generation = lastGeneration + 1;
  change(draft, {
    lastGeneration: generation,
    rollout: { ...nextRollout, generation, startedAt: draft.now, failure: null },
    nextRollout: null,
  });
}

/** Rule: a failed rollout is rolled back; one whose workers are all ready is rolled out when its time has come. */
export function finishRollout(draft: Draft): void {
  const { rollout } = draft.fleet;
  if (!rollout) return;
  if (rollout.failure) return rollBack(draft, rollout, rollout.failure);
  const at = switchOverTime(draft.fleet, rollout, draft.policy);
  if (at !== null && isDueOrWake(draft, at)) rollOut(draft, rollout);
}

/** Rule: a rollout that only file changes asked for is given up for a newer change. The other rules retire its workers. */
export function abandonRollout(draft: Draft): void {
  const { rollout, abandonedSince } = draft.fleet;
  if (!rollout) return;
  const at = abandonTime(draft.fleet, rollout, draft.policy);
  if (at === null || !isDueOrWake(draft, at)) return;
  draft.notices.push({ type: 'rolloutAbandoned', generation: rollout.generation });
  // A rollout that had its full time ends the series of abandoned rollouts.
  const gotFullTime = at > rollout.startedAt;
  const since = gotFullTime ? null : (abandonedSince ?? rollout.startedAt);
  change(draft, { rollout: null, abandonedSince: since });
}

/**
 * The time from which the rollout may be abandoned, or null. Only a rollout that a newer file change has made outdated
 * and that no request waits for; never once all its workers are ready, for it will serve sooner than the newer one;
 * never the first generation, unless `waitForChange`. After `maxAbandonTime` of abandoned rollouts in a row, the next one
 * gets as much time to finish.
 */
function abandonTime(fleet: Fleet, rollout: Rollout, policy: Policy): Milliseconds | null {
  const { nextRollout, serving, abandonedSince } = fleet;
  if (rollout.asked || !nextRollout?.changedFiles.length) return null;
  if (serving === null && !policy.waitForChange) return null;
  if (switchOverTime(fleet, rollout, policy) !== null) return null;
  const { startedAt } = rollout;
  const getsFullTime =
    abandonedSince !== null && startedAt - abandonedSince >= policy.maxAbandonTime;
  return getsFullTime ? startedAt + policy.maxAbandonTime : startedAt;
}

/**
 * When the new generation takes over; null as long as not all of it is ready. It accepts beside the old one for the
 * overlap first: a process that has just booted answers its first requests slowly, and all of them at once would queue
 * up in it. Until then it may still fail without harm.
 */
function switchOverTime(fleet: Fleet, rollout: Rollout, policy: Policy): Milliseconds | null {
  const { serving, workersWanted, workers } = fleet;
  const readyTimes = workers
    .filter((worker) => worker.generation === rollout.generation && isMember(worker))
    .flatMap((worker) => (worker.state === 'ready' ? [worker.readyAt] : []))
    .sort((a, b) => a - b);
  // There may be more than wanted, until those are retired.
  const since = readyTimes[workersWanted - 1];
  if (since === undefined) return null;
  return hasReadyWorker(fleet, serving) ? since + policy.overlap : since;
}

function rollOut(draft: Draft, { generation, startedAt, requests }: Rollout): void {
  const { now, fleet } = draft;
  const durationMs = now - startedAt;
  const isReload = fleet.serving !== null;
  change(draft, {
    serving: generation,
    rollout: null,
    abandonedSince: null,
    crashesInARow: 0,
    respawnNotBefore: null,
    ...(isReload && {
      reloads: { ...fleet.reloads, ok: fleet.reloads.ok + 1 },
      lastReload: { generation, failure: null, durationMs, at: now },
    }),
  });
  draft.notices.push({ type: 'rolledOut', generation, durationMs });
  reply(draft, requests, { type: 'done' });
}

function rollBack(draft: Draft, { generation, startedAt, requests }: Rollout, failure: Failure) {
  const { now, fleet, policy } = draft;
  draft.notices.push({ type: 'rolledBack', generation, failure });
  // With nothing to fall back on, a failed generation is a failed start. A change of a file may repair it, unless the
  // command cannot be run at all.
  const mayWait = policy.waitForChange && exitStatusOfFailure(failure) === 1;
  if (fleet.serving === null && !mayWait) {
    return beginShutdown(draft, { type: 'firstStartFailed', failure });
  }
  change(draft, {
    rollout: null,
    abandonedSince: null,
    reloads: { ...fleet.reloads, failed: fleet.reloads.failed + 1 },
    lastReload: { generation, failure, durationMs: now - startedAt, at: now },
  });
  reply(draft, requests, { type: 'failed', failure }, generation);
}

/** How many workers the new generation should have now. */
export function workersWantedInRollout(draft: Draft, { generation }: Rollout): number {
  const { serving, workersWanted } = draft.fleet;
  if (serving !== null || !draft.policy.startFirstWorkerAlone) return workersWanted;
  return hasReadyWorker(draft.fleet, generation) ? workersWanted : 1;
}
