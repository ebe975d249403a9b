// The invariants of generations: what holds of every fleet between two steps, whatever led to it.
import {
  type Fleet,
  isLive,
  isMember,
  type LiveWorker,
  type Rollout,
} from '../../src/core/fleet.js';
import { ensure, isLeaving, isReady, isReplaced } from './ask.js';
import type { Moment } from './steps.js';

export function checkGenerations(moment: Moment): void {
  const { after, at, policy } = moment;
  const { serving, rollout, workersWanted: wanted, workers, lifecycle } = after;
  ensure(after.nextRollout === null || rollout !== null, 'no reload is forgotten');
  const live = workers.filter(isLive);
  if (lifecycle.state !== 'running') {
    ensure(live.length === 0, 'no worker stays live in a shutdown');
    return ensure(rollout === null && after.scaling.length === 0, 'a shutdown ends all else');
  }
  const old = live.filter(({ generation }) => generation === serving);
  const coming = live.filter(({ generation }) => generation === rollout?.generation);
  ensure(old.length + coming.length === live.length, 'live means serving or coming');
  for (const generation of [old, coming]) {
    const members = generation.filter(isMember);
    ensure(haveDifferentSlots(members), 'one member a slot');
    ensure(members.length <= wanted, 'no more than wanted');
    const leaving = generation.filter(isLeaving);
    ensure(haveDifferentSlots(leaving), 'one worker a slot leaves');
    const ready = members.filter(isReady);
    const isOver = leaving.some((worker) => isReplaced(worker, ready, wanted));
    ensure(!isOver, 'a leaving worker is retired once replaced');
  }
  if (rollout) checkRollout(rollout, coming, moment);
  const notBefore = after.respawnNotBefore ?? at;
  const members = old.filter(isMember);
  ensure(serving === null || members.length === wanted || notBefore > at, 'too few is made good');
  const { base, ceiling } = policy.backoff;
  ensure(notBefore - at <= Math.max(base, ceiling), 'a respawn waits no longer than the ceiling');
  const isScaled = serving !== null && members.filter(isReady).length === wanted;
  ensure(!isScaled || after.scaling.length === 0, 'as many as wanted is answered');
  ensure(drainingGenerations(after).size <= policy.maxDraining, 'old generations have a limit');
}

function haveDifferentSlots(workers: readonly LiveWorker[]): boolean {
  return new Set(workers.map(({ slot }) => slot)).size === workers.length;
}

/** A rollout goes on because a worker is not ready, or for the overlap, and because no newer change makes it outdated. */
function checkRollout(rollout: Rollout, coming: readonly LiveWorker[], moment: Moment): void {
  const { after, at, policy } = moment;
  const { serving, workersWanted: wanted, abandonedSince: since } = after;
  const { generation, startedAt } = rollout;
  ensure(rollout.failure === null, 'a failed generation is rolled back at once');
  const isNewest = generation === after.lastGeneration && generation > (serving ?? 0);
  ensure(isNewest, 'a rollout is of the newest generation');
  const readyAt = coming.flatMap((one) => (one.state === 'ready' ? [one.readyAt] : []));
  const isAlone = policy.startFirstWorkerAlone && serving === null && readyAt.length === 0;
  ensure(coming.length === (isAlone ? 1 : wanted), 'a rollout has all its workers');
  const replaces = after.workers.some((one) => one.generation === serving && isReady(one));
  const overlaps = replaces && at < Math.max(0, ...readyAt) + policy.overlap;
  ensure(readyAt.length < wanted || overlaps, 'all ready is rolled out');
  const isOutdated = !rollout.asked && (after.nextRollout?.changedFiles.length ?? 0) > 0;
  const mayAbandon = serving !== null || policy.waitForChange;
  const getsFullTime = since !== null && startedAt - since >= policy.maxAbandonTime;
  const hasTime = getsFullTime && at < startedAt + policy.maxAbandonTime;
  const stays = !mayAbandon || readyAt.length >= wanted || hasTime;
  ensure(!isOutdated || stays, 'an outdated rollout is abandoned');
}

/** Old generations whose workers drain, and may go on. */
export function drainingGenerations({ workers, serving, rollout }: Fleet): Set<number> {
  const draining = workers.filter((one) => one.state === 'draining' && one.killAt === null);
  const generations = draining.map(({ generation }) => generation);
  return new Set(generations.filter((one) => one !== serving && one !== rollout?.generation));
}
