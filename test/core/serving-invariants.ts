// The invariants of generations: who serves is left alone, and there is always something to fall back on.
import { deadlineOf, type Fleet, isLive, isMember, type Worker } from '../../src/core/fleet.js';
import { statusOfCommand } from './failure-invariants.js';
import { asks, ensure, has, type Moment } from './invariants.js';

export const isReady = (worker: Worker) => worker.state === 'ready';

export function checkGenerations({ result, now, policy }: Moment): void {
  const { fleet } = result;
  const { serving, rollout, workersWanted: size, workers, lifecycle } = fleet;
  ensure(rollout?.failure == null, 'a failed generation is rolled back at once');
  if (rollout) {
    const isNewest = rollout.generation === fleet.lastGeneration;
    ensure(
      isNewest && rollout.generation > (serving ?? 0),
      'a rollout is of the newest generation',
    );
  }
  ensure(fleet.nextRollout === null || rollout !== null, 'no reload is forgotten');
  const live = workers.filter(isLive);
  if (lifecycle.state !== 'running') {
    ensure(live.length === 0, 'no worker stays live in a shutdown');
    ensure(rollout === null && fleet.scaling.length === 0, 'a shutdown ends all else');
    return;
  }
  const old = live.filter(({ generation }) => generation === serving);
  const coming = live.filter(({ generation }) => generation === rollout?.generation);
  ensure(old.length + coming.length === live.length, 'live means serving or coming');
  for (const generation of [old, coming]) {
    const slots = generation.filter(isMember).map(({ slot }) => slot);
    ensure(new Set(slots).size === slots.length, 'one member a slot');
    ensure(slots.length <= size, 'no more than wanted');
    const ready = generation.filter((one) => isMember(one) && isReady(one));
    for (const worker of generation) {
      if (worker.state !== 'ready' || worker.leaving === null) continue;
      const isReplaced = ready.length >= size || ready.some(({ slot }) => slot === worker.slot);
      ensure(!isReplaced, 'a leaving worker is retired once replaced');
    }
  }
  const members = old.filter(isMember);
  const comingReady = coming.filter(isReady);
  if (rollout) {
    const isAlone = policy.startFirstWorkerAlone && serving === null && comingReady.length === 0;
    ensure(coming.length === (isAlone ? 1 : size), 'a rollout has all its workers');
    const times = coming.flatMap((one) => (one.state === 'ready' ? [one.readyAt] : []));
    const overlaps = old.some(isReady) && now < Math.max(0, ...times) + policy.overlap;
    ensure(comingReady.length < size || overlaps, 'all ready is rolled out');
    const isOutdated = !rollout.asked && (fleet.nextRollout?.changedFiles.length ?? 0) > 0;
    const mayAbandon = serving !== null || policy.waitForChange;
    const { startedAt } = rollout;
    const since = fleet.abandonedSince;
    const isLate = since !== null && startedAt - since >= policy.maxAbandonTime;
    const hasTime = isLate && now < startedAt + policy.maxAbandonTime;
    const stays = !mayAbandon || comingReady.length >= size || hasTime;
    ensure(!isOutdated || stays, 'an outdated rollout is abandoned');
  }
  const notBefore = fleet.respawnNotBefore ?? now;
  ensure(serving === null || members.length === size || notBefore > now, 'too few is made good');
  const { base, ceiling } = policy.backoff;
  ensure(notBefore - now <= Math.max(base, ceiling), 'a respawn waits no longer than the ceiling');
  const isScaled = serving !== null && members.filter(isReady).length === size;
  ensure(!isScaled || fleet.scaling.length === 0, 'as many as wanted is answered');
  ensure(drainingGenerations(fleet).size <= policy.maxDraining, 'old generations have a limit');
}

/** Old generations whose workers drain, and may go on. */
function drainingGenerations({ workers, serving, rollout }: Fleet): Set<number> {
  const isOld = ({ generation }: Worker) =>
    generation !== serving && generation !== rollout?.generation;
  const draining = workers.filter((one) => one.state === 'draining' && one.killAt === null);
  return new Set(draining.filter(isOld).map(({ generation }) => generation));
}

/** The heart of the product: workers that serve are touched for one of a few reasons, and else never. */
export function checkServing(moment: Moment): void {
  const { before, event, now, policy, result } = moment;
  const { fleet, notices } = result;
  const rolledOut = has(notices, 'rolledOut');
  const isRunning = fleet.lifecycle.state === 'running';
  ensure(
    fleet.serving === before.serving || rolledOut,
    'the serving generation changes by a rollout',
  );
  if (rolledOut) {
    const members = fleet.workers.filter(isMember);
    const ready = members.filter((one) => one.generation === fleet.serving && isReady(one));
    ensure(ready.length === fleet.workersWanted, 'a rolled out generation is ready, all of it');
    ensure(fleet.serving === before.rollout?.generation, 'what was being rolled out serves');
    const old = before.workers.filter(({ generation }) => generation === before.serving);
    const overlaps = old.some((one) => isReady(one) && !hasFailed(one, moment));
    ensure(!overlaps || now >= readySince(moment) + policy.overlap, 'both accept for the overlap');
  }
  const wasScaled = event.type === 'scale' || event.type === 'scaleBy';
  let leftReady = false;
  for (const old of before.workers) {
    const worker = fleet.workers.find(({ id }) => id === old.id);
    if (!isLive(old) || !worker || isLive(worker) || !isRunning) continue;
    if (old.generation !== before.serving || old.generation !== fleet.serving) continue;
    const isHung = old.state === 'ready' && old.hungAt !== null && old.hungAt <= now;
    const isLate = old.state === 'starting' && old.readyBy <= now;
    const wasReplaced = old.state === 'ready' && old.leaving !== null;
    const isSubject = 'worker' in event && event.worker === old.id;
    const wasUnfit =
      isSubject && (event.type === 'cannotServe' || event.type === 'wantsReplacement');
    if (isReady(old) && !isHung && !wasReplaced) leftReady = true;
    const hasReason = wasScaled || isHung || isLate || wasReplaced || (wasUnfit && !isReady(old));
    ensure(hasReason, 'a serving worker is left alone');
    if (isHung || isLate) ensure(has(notices, 'workerCrashed'), 'a failed worker is a crash');
    if (wasReplaced) {
      const ready = fleet.workers.filter(
        (one) => one.generation === old.generation && isMember(one) && isReady(one),
      );
      const isReplaced =
        ready.length >= fleet.workersWanted || ready.some(({ slot }) => slot === old.slot);
      ensure(isReplaced, 'a leaving worker stays until it is replaced');
    }
  }
  if (leftReady) {
    const members = fleet.workers.filter(isMember);
    const serving = members.filter(({ generation }) => generation === fleet.serving);
    ensure(serving.every(isReady), 'starting workers go before ready ones');
    ensure(serving.length === fleet.workersWanted, 'down to the size, not below');
  }
  if (event.type === 'exited' && before.rollout) {
    const old = before.workers.find(({ id }) => id === event.worker);
    const isComing = old && isLive(old) && old.generation === before.rollout.generation;
    const isStray = event.stray && old?.state === 'starting';
    ensure(!isComing || isStray || has(notices, 'rolledBack'), 'an exit fails its rollout');
  }
  if (has(notices, 'rolledBack')) {
    ensure(fleet.serving === before.serving, 'a roll back leaves the serving generation');
    const failures = notices.flatMap((one) => (one.type === 'rolledBack' ? [one.failure] : []));
    const mayWait = policy.waitForChange && failures.every((one) => statusOfCommand(one) === null);
    const isEnd = before.serving === null && !mayWait;
    ensure(!isEnd || !isRunning, 'a first start that failed is the end');
    if (before.serving === null && mayWait) ensure(isRunning, 'a change of a file may repair it');
  }
  if (has(notices, 'rolloutAbandoned')) {
    const isChange = event.type === 'filesChanged' || before.nextRollout?.changedFiles.length;
    const { rollout } = before;
    ensure(rollout !== null && !rollout.asked && Boolean(isChange), 'abandoned for a change');
    ensure(rollout.requests.length === 0, 'no request waits for what is abandoned');
  }
  checkShutdownCause(moment);
  checkCutShort(moment);
}

/** Of more old generations than may drain, the oldest are cut short, and no more of them than needed. */
function checkCutShort({ before, policy, result }: Moment): void {
  const { fleet, notices, commands } = result;
  const cut = fleet.workers.filter((worker) => {
    const old = before.workers.find(({ id }) => id === worker.id);
    return (
      worker.state === 'draining' && worker.cutShort && !(old?.state === 'draining' && old.cutShort)
    );
  });
  const told = notices.flatMap((one) => (one.type === 'drainCutShort' ? [one.generation] : []));
  const generations = new Set(cut.map(({ generation }) => generation));
  ensure(generations.size === told.length, 'a drain that is cut short is told');
  for (const { id } of cut)
    ensure(asks(commands, 'signal', id), 'a drain is cut short by a signal');
  if (told.length === 0) return;
  ensure(
    told.every((generation) => generations.has(generation)),
    'what is told was cut short',
  );
  const left = drainingGenerations(fleet);
  ensure(left.size === policy.maxDraining, 'no more drains are cut short than needed');
  ensure(Math.max(...told) < Math.min(...left), 'the oldest drains are cut short');
}

/** When as many workers of the new generation as wanted were ready; there may have been more. */
function readySince({ before, event, now, result }: Moment): number {
  const times = before.workers.flatMap((one) => {
    if (one.generation !== result.fleet.serving) return [];
    if (one.state === 'ready' && one.leaving === null) return [one.readyAt];
    return event.type === 'ready' && event.worker === one.id ? [now] : [];
  });
  return times.sort((a, b) => a - b)[result.fleet.workersWanted - 1] ?? now;
}

export function hasFailed(worker: Worker, { event, now }: Moment): boolean {
  const isGone = event.type === 'exited' && event.worker === worker.id;
  return isGone || (deadlineOf(worker) ?? now + 1) <= now;
}

function checkShutdownCause(moment: Moment): void {
  const { before, event, policy, result } = moment;
  const { lifecycle, workers, crashesInARow, rollout, serving } = result.fleet;
  if (lifecycle.state === 'running') {
    const isLoop = policy.maxCrashes !== null && crashesInARow >= policy.maxCrashes;
    const serves =
      rollout !== null || workers.some((one) => one.generation === serving && isReady(one));
    ensure(!isLoop || serves, 'a loop of crashes ends');
  }
  if (lifecycle.state === 'running' || before.lifecycle.state !== 'running') return;
  const { reason } = lifecycle;
  if (reason.type === 'requested') ensure(event.type === 'stop', 'a stop is asked for');
  else if (reason.type === 'firstStartFailed') ensure(before.serving === null, 'a first start');
  else {
    ensure(policy.maxCrashes !== null && reason.crashes >= policy.maxCrashes, 'enough crashes');
    ensure(reason.crashes === crashesInARow, 'the crashes are told');
    const serves = before.workers.some(
      (one) => one.generation === before.serving && isReady(one) && !hasFailed(one, moment),
    );
    const { notices } = result;
    const isOver = has(notices, 'rolledBack') || has(notices, 'rolloutAbandoned');
    ensure(before.rollout === null || isOver, 'no rollout may repair it');
    ensure(!serves, 'nothing serves');
  }
}
