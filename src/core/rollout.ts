// The life of a roll out: begin, and end by rolling out, by rolling back, or for a newer change.
// Strategy: all workers of the new generation become ready, only then the old ones retire. Until
// that moment the old generation is untouched, so there is always something to fall back on.

import { reply, type Turn } from './draft.js';
import { type Failure, type Fleet, isLive, type Policy } from './fleet.js';
import { beginStop } from './shutdown.js';

/** At most one roll out at a time; however many asked meanwhile, one more follows. */
export function beginRollout(turn: Turn): void {
  const { fleet, now } = turn;
  if (fleet.stop || fleet.target !== 0 || fleet.queued === null) return;
  fleet.lastGeneration += 1;
  fleet.target = fleet.lastGeneration;
  fleet.rollout = { ...fleet.queued, startedAt: now, busy: false, failure: null };
  fleet.queued = null;
}

export function concludeRollout(turn: Turn): void {
  const { fleet, policy, now } = turn;
  if (fleet.rollout?.failure) return rollBack(turn, fleet.rollout.failure);
  const takeover = takeoverAt(fleet, policy);
  if (takeover !== null && now >= takeover) rollOut(turn);
}

/** Its workers are retired, as one of them may have taken a connection already. */
export function abandonOutdated(turn: Turn): void {
  const { fleet, policy, now } = turn;
  const due = abandonAt(fleet, policy);
  if (due === null || now < due || !fleet.rollout) return;
  const { startedAt } = fleet.rollout;
  turn.actions.push({ type: 'abandoned', generation: fleet.target });
  // One that had its time all the same was no victim of saves that come too fast.
  const since = due > startedAt ? null : (fleet.putOffSince ?? startedAt);
  endRollout(turn);
  fleet.putOffSince = since;
}

/**
 * From when on what is being started is not worth its end: it is outdated by a newer change, and nobody waits for it;
 * null when it has to go on. Not when it is all ready: that will serve sooner than the newer one. The first generation
 * has to serve or fail, unless it may be waited for. And where saves come faster than the app boots, one gets its
 * time at last.
 */
export function abandonAt(fleet: Fleet, policy: Policy): number | null {
  const { rollout, queued, serving, putOffSince } = fleet;
  if (!rollout || rollout.asked || !queued?.changed.length) return null;
  if (serving === 0 && !policy.waitForChange) return null;
  if (takeoverAt(fleet, policy) !== null) return null;
  const late = putOffSince !== null && rollout.startedAt - putOffSince >= policy.putOffFor;
  return late ? rollout.startedAt + policy.putOffFor : rollout.startedAt;
}

/**
 * When the target generation is rolled out; null as long as not all of it is ready. Once it is, it accepts beside
 * the old one for a moment: a process that has just booted answers its first requests slowly, and all of them at
 * once would queue up in it; for a longer one where there are many. Until then it may still fail without harm.
 */
export function takeoverAt(fleet: Fleet, { overlap, busyOverlap }: Policy): number | null {
  const { serving, target, size, workers, rollout } = fleet;
  if (!rollout) return null;
  const ready = workers.filter((one) => one.generation === target && one.state === 'ready');
  const times = ready.map((one) => one.readyAt ?? 0).sort((a, b) => a - b);
  // There may be more than wanted, until those are retired.
  const since = times[size - 1];
  if (since === undefined) return null;
  const replaces = workers.some((one) => one.generation === serving && one.state === 'ready');
  if (!replaces) return since;
  return since + (rollout.busy ? busyOverlap : overlap);
}

function rollOut(turn: Turn): void {
  const { fleet, now } = turn;
  const { rollout, target: generation } = fleet;
  if (!rollout) return;
  const durationMs = now - rollout.startedAt;
  if (fleet.serving !== 0) {
    fleet.reloads = { ...fleet.reloads, ok: fleet.reloads.ok + 1 };
    fleet.lastReload = { ok: true, generation, reason: null, durationMs, at: now };
  }
  fleet.serving = generation;
  fleet.crashes = 0;
  fleet.retryAt = 0;
  endRollout(turn);
  turn.actions.push({ type: 'rolledOut', generation, durationMs });
  reply(turn, rollout.requests, { ok: true, generation, reason: null });
}

function rollBack(turn: Turn, { reason, status, worker }: Failure): void {
  const { fleet, now, policy } = turn;
  const { rollout, target: generation } = fleet;
  if (!rollout) return;
  const durationMs = now - rollout.startedAt;
  turn.actions.push({ type: 'rolledBack', generation, reason, worker });
  // With nothing to fall back on, a failed generation is a failed start. A program that cannot be run at all is
  // repaired by no change of a file.
  const mayWait = policy.waitForChange && status === 1;
  if (fleet.serving === 0 && !mayWait) return beginStop(turn, { status, reason });
  fleet.reloads = { ...fleet.reloads, failed: fleet.reloads.failed + 1 };
  fleet.lastReload = { ok: false, generation, reason, durationMs, at: now };
  endRollout(turn);
  reply(turn, rollout.requests, { ok: false, generation, reason });
}

function endRollout(turn: Turn): void {
  turn.fleet.target = 0;
  turn.fleet.rollout = null;
  turn.fleet.putOffSince = null;
}

/** How many workers the target generation should have now. */
export function wantedOfTarget(turn: Turn): number {
  const { fleet, policy } = turn;
  if (fleet.serving !== 0 || !policy.firstAlone) return fleet.size;
  const opened = fleet.workers.some(
    (one) => one.generation === fleet.target && isLive(one) && one.state === 'ready',
  );
  return opened ? fleet.size : 1;
}
