// The invariants of how a rollout ends: what is ready takes over, what failed leaves all as it was, and a newer change may
// abandon it; and of why the master stops.
import { isLive } from '../../src/core/fleet.js';
import { ensure, has, hasFailed, isReady, membersOf } from './ask.js';
import { startedAgain, statusOfCommand } from './failure-invariants.js';
import type { Moment } from './steps.js';

export function checkRollouts(moment: Moment): void {
  const { before, after, event, notices } = moment;
  if (has(notices, 'rolledOut')) checkRolledOut(moment);
  else ensure(after.serving === before.serving, 'the serving generation changes by a rollout');
  if (event.type === 'exited' && before.rollout) {
    const old = before.workers.find(({ id }) => id === event.worker);
    const isComing = old && isLive(old) && old.generation === before.rollout.generation;
    ensure(
      !isComing || startedAgain(moment) !== null || has(notices, 'rolledBack'),
      'an exit fails its rollout',
    );
  }
  checkRolledBack(moment);
  checkAbandoned(moment);
  checkShutdownCause(moment);
}

function checkRolledOut(moment: Moment): void {
  const { before, after, event, at, policy } = moment;
  const ready = membersOf(after, after.serving).filter(isReady);
  ensure(ready.length === after.workersWanted, 'a rolled out generation is ready, all of it');
  ensure(after.serving === before.rollout?.generation, 'what was being rolled out serves');
  // There may have been more than wanted.
  const times = membersOf(before, after.serving).flatMap((one) => {
    if (one.state === 'ready') return [one.readyAt];
    return event.type === 'ready' && event.worker === one.id ? [at] : [];
  });
  const since = times.sort((a, b) => a - b)[after.workersWanted - 1] ?? at;
  const overlaps = before.workers.some(
    (one) => one.generation === before.serving && isReady(one) && !hasFailed(one, moment),
  );
  ensure(!overlaps || at >= since + policy.overlap, 'both accept for the overlap');
}

function checkRolledBack({ before, after, policy, notices }: Moment): void {
  const notice = notices.find((one) => one.type === 'rolledBack');
  if (!notice) return;
  ensure(after.serving === before.serving, 'a rollback leaves the serving generation');
  const mayWait = policy.waitForChange && statusOfCommand(notice.failure) === null;
  const goesOn = before.serving !== null || mayWait;
  const isRunning = after.lifecycle.state === 'running';
  ensure(goesOn || !isRunning, 'a first start that failed is the end');
  if (before.serving === null && mayWait) ensure(isRunning, 'a change of a file may repair it');
}

/** Abandoned rollouts in a row have one start, and a rollout that had its time ends their series. */
function checkAbandoned({ before, after, event, at, policy, notices }: Moment): void {
  const { rollout, abandonedSince } = before;
  if (after.lifecycle.state !== 'running') return;
  if (!has(notices, 'rolloutAbandoned')) {
    const ends = has(notices, 'rolledOut') || has(notices, 'rolledBack');
    const since = ends ? null : abandonedSince;
    return ensure(after.abandonedSince === since, 'a series of abandoned rollouts');
  }
  const isChange = event.type === 'filesChanged' || before.nextRollout?.changedFiles.length;
  ensure(rollout !== null && !rollout.asked && Boolean(isChange), 'abandoned for a change');
  ensure(rollout.requests.length === 0, 'no request waits for what is abandoned');
  const { startedAt } = rollout;
  const getsFullTime =
    abandonedSince !== null && startedAt - abandonedSince >= policy.maxAbandonTime;
  const hasTime = getsFullTime && at < startedAt + policy.maxAbandonTime;
  ensure(!hasTime, 'after a while a rollout gets its time');
  const since = getsFullTime ? null : (abandonedSince ?? startedAt);
  ensure(after.abandonedSince === since, 'a series of abandoned rollouts has one start');
}

function checkShutdownCause(moment: Moment): void {
  const { before, after, event, policy, notices } = moment;
  const { lifecycle, workers, crashesInARow, rollout, serving } = after;
  const limit = policy.maxCrashes ?? Number.POSITIVE_INFINITY;
  if (lifecycle.state === 'running') {
    const serves = workers.some((one) => one.generation === serving && isReady(one));
    return ensure(crashesInARow < limit || rollout !== null || serves, 'a loop of crashes ends');
  }
  if (before.lifecycle.state !== 'running') return;
  const { reason } = lifecycle;
  if (reason.type === 'requested') return ensure(event.type === 'stop', 'a stop is asked for');
  if (reason.type === 'firstStartFailed') return ensure(before.serving === null, 'a first start');
  ensure(reason.crashes >= limit && reason.crashes === crashesInARow, 'enough crashes');
  const hasEnded = has(notices, 'rolledBack') || has(notices, 'rolloutAbandoned');
  ensure(before.rollout === null || hasEnded, 'no rollout may repair it');
  const serves = before.workers.some(
    (one) => one.generation === before.serving && isReady(one) && !hasFailed(one, moment),
  );
  ensure(!serves, 'nothing serves');
}
