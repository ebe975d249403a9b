// Rules: what must hold of a fleet, whatever led to it. Each looks at the fleet as it is and never at the event, so a
// report that comes late or twice does no harm, and one that is lost is made good by the next rule that applies, at the
// latest by a deadline. The rules are applied in this order until none has anything left to do; a rule that waits for
// time says until when (isDueOrWake), and the earliest time is when the caller has to look again.
//
// The order matters in three places. Deadlines come first, as they create failures. A rollout ends before the next one
// begins. And workers are retired before they are counted, or the count would keep some that have to go.

import { applyDeadlines } from './deadlines.js';
import type { Draft } from './draft.js';
import { cutDrainShort, retire } from './end-worker.js';
import { hasReadyWorker, isLive, isMember, type Worker } from './fleet.js';
import { abandonRollout, beginRollout, finishRollout } from './rollout.js';
import { beginShutdown, finishShutdown } from './shutdown.js';
import { adjustWorkerCount, answerScaling } from './worker-count.js';

const RULES: readonly ((draft: Draft) => void)[] = [
  applyDeadlines,
  finishRollout,
  abandonRollout,
  beginRollout,
  stopAfterCrashLoop,
  retireUnneeded,
  limitDraining,
  adjustWorkerCount,
  answerScaling,
  finishShutdown,
];

/** More passes than any fleet needs: a rule that undoes another one would go on for ever. */
const MAX_PASSES = 50;

export function applyRules(draft: Draft): void {
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const before = draft.fleet;
    draft.wakeAt = null;
    for (const rule of RULES) rule(draft);
    if (draft.fleet === before) return;
  }
  throw new Error('the rules of the fleet contradict each other');
}

/** Only if nothing serves and no rollout may repair it: a single ready worker is better than an exit. */
function stopAfterCrashLoop(draft: Draft): void {
  const { lifecycle, rollout, serving, crashesInARow: crashes } = draft.fleet;
  const { maxCrashes } = draft.policy;
  if (lifecycle.state !== 'running' || maxCrashes === null || crashes < maxCrashes) return;
  if (rollout || hasReadyWorker(draft.fleet, serving)) return;
  beginShutdown(draft, { type: 'gaveUp', crashes });
}

/**
 * Live workers retire in a shutdown, when their generation has been replaced, and when their own replacement is ready or
 * no longer wanted.
 */
function retireUnneeded(draft: Draft): void {
  const { lifecycle, serving, rollout, workers, workersWanted } = draft.fleet;
  const isReplaced = ({ generation, slot }: Worker) => {
    const ready = workers.filter(
      (other) => other.generation === generation && other.state === 'ready' && isMember(other),
    );
    // After scaling down there may be no replacement in its slot: then it is enough that all others are ready.
    return ready.length >= workersWanted || ready.some((other) => other.slot === slot);
  };
  for (const worker of workers) {
    if (!isLive(worker)) continue;
    const { generation } = worker;
    const isNeeded =
      lifecycle.state === 'running' &&
      (generation === serving || generation === rollout?.generation) &&
      (isMember(worker) || !isReplaced(worker));
    if (!isNeeded) retire(draft, worker);
  }
}

/** Too many old generations drain: the oldest get the stop signal early. In a shutdown all drain, as long as they may. */
function limitDraining(draft: Draft): void {
  const { lifecycle, serving, rollout, workers } = draft.fleet;
  if (lifecycle.state !== 'running') return;
  const { maxDraining: limit } = draft.policy;
  const draining = workers.flatMap((worker) => {
    const isOld = worker.generation !== serving && worker.generation !== rollout?.generation;
    return worker.state === 'draining' && worker.killAt === null && isOld ? [worker] : [];
  });
  const generations = [...new Set(draining.map(({ generation }) => generation))].sort(
    (a, b) => a - b,
  );
  for (const generation of generations.slice(0, Math.max(0, generations.length - limit))) {
    draft.notices.push({ type: 'drainCutShort', generation, limit });
    for (const worker of draining) {
      if (worker.generation === generation) cutDrainShort(draft, worker);
    }
  }
}
