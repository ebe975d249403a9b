// The invariants of what is written down about failures: causes, the count of crashes and the wait that follows from it.
// Each is computed here a second time, from the fleet before the step and the event.
import { isDeepStrictEqual } from 'node:util';
import type { MasterEvent } from '../../src/core/events.js';
import type { Failure, FailureCause, StopReason } from '../../src/core/failure.js';
import { isLive, isMember, type LiveWorker, type StartingWorker } from '../../src/core/fleet.js';
import { MAX_SIGNALLED_STARTS } from '../../src/core/policy.js';
import { ensure, has, isAbout, isOverdue } from './ask.js';
import type { Moment } from './steps.js';
import { afterReport } from './worker-invariants.js';

export function checkFailures(moment: Moment): void {
  checkCauses(moment);
  checkCrashCount(moment);
}

/** Every failure that is told is that of a worker which failed in this step, with its cause and its pid. */
function checkCauses(moment: Moment): void {
  const { before, notices, commands } = moment;
  const told: Failure[] = [];
  for (const notice of notices) if ('failure' in notice) told.push(notice.failure);
  for (const command of commands) {
    if (command.type === 'reply' && command.outcome.type === 'failed') {
      told.push(command.outcome.failure);
    }
  }
  for (const failure of told) {
    const old = before.workers.find(({ id }) => id === failure.worker.id);
    const worker = old && afterReport(old, moment);
    ensure(worker !== undefined && isLive(worker), 'a live worker fails');
    const { id, slot, generation, pid } = worker;
    const cause = causeOf(worker, moment);
    const wasReady = worker.state === 'ready';
    const expected = { worker: { id, slot, generation, pid }, wasReady, cause };
    ensure(isDeepStrictEqual(failure, expected), 'a failure says which worker failed, and why');
  }
}

/** Null: nothing has happened to it that is a failure. The event comes before the time. */
function causeOf(worker: LiveWorker, moment: Moment): FailureCause | null {
  const { event, at, policy } = moment;
  if (startedAgain(moment)?.id === worker.id) return null;
  const reported = isAbout(event, worker) ? reportedCause(worker, event) : null;
  if (reported) return reported;
  if (!isOverdue(worker, at)) return null;
  if (worker.state === 'ready') {
    return { type: 'hung', after: policy.watchdog ?? 0, watchdogSeen: worker.watchdogSeen };
  }
  const { readyBy, startedAt, startProblem } = worker;
  return { type: 'startTimeout', after: readyBy - startedAt, problem: startProblem };
}

function reportedCause(worker: LiveWorker, event: MasterEvent): FailureCause | null {
  switch (event.type) {
    case 'exited':
      return { type: 'exited', ending: event.ending, exception: event.exception ?? null };
    case 'cannotServe':
      return worker.state === 'starting' ? { type: 'cannotServe', problem: event.problem } : null;
    case 'wantsReplacement':
      return { type: event.reason === 'stopping' ? 'stoppedItself' : 'reportedUnhealthy' };
    default:
      return null;
  }
}

/** Workers that the serving generation loses are counted, and the wait for the next respawn follows from their number. */
function checkCrashCount(moment: Moment): void {
  const { before, after, event, at, policy, notices } = moment;
  const lost = notices.flatMap((notice) => {
    if (notice.type === 'workerCrashed') return [notice.failure.worker.id];
    return notice.type === 'replacing' ? [notice.worker] : [];
  });
  ensure(new Set(lost).size === lost.length, 'a crash counts once');
  const { base, ceiling, jitter, stableAfter } = policy.backoff;
  let count = before.crashesInARow;
  for (const id of lost) {
    const worker = before.workers.find((one) => one.id === id);
    ensure(worker?.generation === before.serving, 'a crash is one of the serving generation');
    count = worker.state === 'ready' && at - worker.readyAt >= stableAfter ? 1 : count + 1;
  }
  if (has(notices, 'rolledOut')) {
    const isClear = after.crashesInARow === 0 && after.respawnNotBefore === null;
    return ensure(isClear, 'a rollout clears the count of crashes');
  }
  ensure(after.crashesInARow === count, 'crashes in a row are counted');
  if (lost.length === 0) {
    ensure(after.respawnNotBefore === before.respawnNotBefore, 'only a crash changes the wait');
  } else {
    const longest = count === 1 ? 0 : Math.min(ceiling, base * 2 ** (count - 2));
    const wait = (after.respawnNotBefore ?? at) - at;
    const isRight = wait <= longest && wait >= Math.floor(longest * (1 - jitter));
    ensure(isRight, 'a respawn waits as long as the back-off says');
  }
  if (after.lifecycle.state !== 'running' || !('worker' in event)) return;
  const subject = before.workers.find(({ id }) => id === event.worker);
  if (!subject || !isMember(subject) || subject.generation !== before.serving) return;
  const isLost =
    (event.type === 'exited' && !startedAgain(moment)) || event.type === 'wantsReplacement';
  ensure(!isLost || lost.includes(subject.id), 'a serving worker that fails is a crash');
}

/** The starting worker that a signal for the master has ended, if it may be started again. */
export function startedAgain({ before, event, at }: Moment): StartingWorker | null {
  if (event.type !== 'exited' || event.ending.type !== 'signal') return null;
  const old = before.workers.find((one) => isAbout(event, one));
  const isOfMaster = event.ending.signal === 'SIGHUP' || event.ending.signal === 'SIGUSR2';
  if (old?.state !== 'starting' || !isOfMaster) return null;
  return old.startedAgain < MAX_SIGNALLED_STARTS && at < old.readyBy ? old : null;
}

/** The status with which the master exits: that of a command which cannot be run, as a shell would tell it. */
export function expectedStatus(reason: StopReason): number {
  if (reason.type === 'requested') return 0;
  return reason.type === 'gaveUp' ? 1 : (statusOfCommand(reason.failure) ?? 1);
}

/** Null: the command was run, so a change of a file may repair it. */
export function statusOfCommand({ cause }: Failure): number | null {
  return cause.type === 'exited' && cause.ending.type === 'notStarted' ? cause.ending.status : null;
}
