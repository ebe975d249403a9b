// The invariants of what is written down about failures: causes, the count of crashes and the wait that follows from it,
// the counters of reloads. Each is computed here a second time, from the fleet before the step and the event.
import { isDeepStrictEqual } from 'node:util';
import type { Event } from '../../src/core/events.js';
import type { Failure, FailureCause, StopReason } from '../../src/core/failure.js';
import {
  deadlineOf,
  type Fleet,
  isLive,
  type LiveWorker,
  type Worker,
} from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { ensure, type Moment } from './invariants.js';
import { afterReport } from './worker-invariants.js';

export function checkFailures(moment: Moment): void {
  checkCauses(moment);
  checkCrashCount(moment);
  checkReloadCounters(moment);
  checkAbandonTime(moment);
}

/** Every failure that is told is that of a worker which failed in this step, with its cause and its pid. */
function checkCauses(moment: Moment): void {
  const { before, result } = moment;
  const told: Failure[] = [];
  for (const notice of result.notices) if ('failure' in notice) told.push(notice.failure);
  for (const command of result.commands) {
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
function causeOf(worker: LiveWorker, { event, now, policy }: Moment): FailureCause | null {
  const reported =
    'worker' in event && event.worker === worker.id ? reportedCause(worker, event) : null;
  if (reported) return reported;
  const deadline = deadlineOf(worker);
  if (deadline === null || deadline > now) return null;
  if (worker.state === 'ready') {
    return { type: 'hung', after: policy.watchdog ?? 0, watchdogSeen: worker.watchdogSeen };
  }
  const { readyBy, startedAt, startProblem } = worker;
  return { type: 'startTimeout', after: readyBy - startedAt, problem: startProblem };
}

function reportedCause(worker: LiveWorker, event: Event): FailureCause | null {
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

function checkCrashCount({ before, event, now, policy, result }: Moment): void {
  const { fleet, notices } = result;
  let { crashesInARow: count, respawnNotBefore } = before;
  const failed = new Set<number>();
  for (const notice of notices) {
    if (notice.type === 'rolledOut') [count, respawnNotBefore] = [0, null];
    if (notice.type !== 'workerCrashed' && notice.type !== 'replacing') continue;
    const id = notice.type === 'replacing' ? notice.worker : notice.failure.worker.id;
    const worker = before.workers.find((one) => one.id === id);
    ensure(worker?.generation === before.serving, 'a crash is one of the serving generation');
    ensure(!failed.has(id), 'a crash counts once');
    failed.add(id);
    const wasStable =
      worker.state === 'ready' && now - worker.readyAt >= policy.backoff.stableAfter;
    count = wasStable ? 1 : count + 1;
    respawnNotBefore = count === 1 ? null : fleet.respawnNotBefore;
    if (count > 1) checkWait(fleet, count, now, policy);
  }
  ensure(fleet.crashesInARow === count, 'crashes in a row are counted');
  ensure(fleet.respawnNotBefore === respawnNotBefore, 'the wait changes with the count only');
  if (result.fleet.lifecycle.state !== 'running' || before.rollout?.generation === fleet.serving)
    return;
  for (const worker of before.workers) {
    const isCounted = failed.has(worker.id) || !mustCount(worker, before, { event, now });
    ensure(isCounted, 'a serving worker that fails is a crash');
  }
}

/** Two crashes in a step: the wait is that of the last one, so the limits are those of the count at its end. */
function checkWait(
  { respawnNotBefore, crashesInARow }: Fleet,
  count: number,
  now: number,
  policy: Policy,
): void {
  if (crashesInARow !== count) return;
  const { base, ceiling, jitter } = policy.backoff;
  const longest = Math.min(ceiling, base * 2 ** (count - 2));
  const wait = (respawnNotBefore ?? now) - now;
  ensure(wait <= longest, 'a respawn waits no longer than the back-off says');
  ensure(
    wait >= Math.floor(longest * (1 - jitter)),
    'a respawn waits as long as the back-off says',
  );
}

function mustCount(
  worker: Worker,
  { serving }: Fleet,
  { event, now }: Pick<Moment, 'event' | 'now'>,
): boolean {
  if (!isLive(worker) || worker.generation !== serving) return false;
  const isSubject = 'worker' in event && event.worker === worker.id;
  const isLeaving = worker.state === 'ready' && worker.leaving !== null;
  if (isSubject && event.type === 'exited') {
    return !isLeaving && !(event.stray && worker.state === 'starting');
  }
  return (
    isSubject &&
    event.type === 'wantsReplacement' &&
    !isLeaving &&
    (deadlineOf(worker) ?? now + 1) > now
  );
}

function checkReloadCounters({ before, now, result }: Moment): void {
  const { fleet, notices } = result;
  let { reloads, lastReload } = before;
  const { rollout } = before;
  for (const notice of notices) {
    if (notice.type !== 'rolledOut' && notice.type !== 'rolledBack') continue;
    const { generation } = notice;
    ensure(generation === rollout?.generation, 'the rollout that was under way ends');
    const durationMs = now - rollout.startedAt;
    if (notice.type === 'rolledOut')
      ensure(notice.durationMs === durationMs, 'a rollout has its time');
    const failure = notice.type === 'rolledBack' ? notice.failure : null;
    const counts = failure ? !endsFirstStart(fleet) : before.serving !== null;
    if (!counts) continue;
    lastReload = { generation, failure, durationMs, at: now };
    reloads = failure
      ? { ...reloads, failed: reloads.failed + 1 }
      : { ...reloads, ok: reloads.ok + 1 };
  }
  ensure(isDeepStrictEqual(fleet.reloads, reloads), 'reloads are counted');
  ensure(isDeepStrictEqual(fleet.lastReload, lastReload), 'the last reload is remembered');
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

function endsFirstStart({ lifecycle }: Fleet): boolean {
  return lifecycle.state !== 'running' && lifecycle.reason.type === 'firstStartFailed';
}

/** Abandoned rollouts in a row have one start, and a rollout that had its time ends their series. */
function checkAbandonTime({ before, now, policy, result }: Moment): void {
  const { fleet, notices } = result;
  const { rollout, abandonedSince } = before;
  const ends = notices.some(({ type }) => type === 'rolledOut' || type === 'rolledBack');
  const isAbandoned = notices.some(({ type }) => type === 'rolloutAbandoned');
  if (fleet.lifecycle.state !== 'running') return;
  if (!isAbandoned || !rollout) {
    ensure(
      fleet.abandonedSince === (ends ? null : abandonedSince),
      'a series of abandoned rollouts',
    );
    return;
  }
  const { startedAt } = rollout;
  const hasFullTime =
    abandonedSince !== null && startedAt - abandonedSince >= policy.maxAbandonTime;
  if (hasFullTime)
    ensure(now >= startedAt + policy.maxAbandonTime, 'after a while a rollout gets its time');
  const since = hasFullTime ? null : (abandonedSince ?? startedAt);
  ensure(fleet.abandonedSince === since, 'a series of abandoned rollouts has one start');
}
