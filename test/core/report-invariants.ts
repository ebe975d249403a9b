// What a report changes about the worker that it is about, field by field; about all other workers, and in all other
// states, it changes nothing.
import { isDeepStrictEqual } from 'node:util';
import { deadlineOf, isMember, type Worker } from '../../src/core/fleet.js';
import { ensure, type Moment } from './invariants.js';

export function checkReports(moment: Moment): void {
  const { before, event, result, now, policy } = moment;
  for (const worker of result.fleet.workers) {
    const old = before.workers.find(({ id }) => id === worker.id);
    if (old === undefined) checkNew(worker, moment);
    else if (worker.state === old.state) {
      if (old === worker) checkUnchanged(old, moment);
      else
        ensure(
          isDeepStrictEqual(worker, reported(old, worker, moment)),
          'a report is written down',
        );
    } else {
      const { pid, startedAt } = reported(old, old, moment);
      ensure(worker.pid === pid && worker.startedAt === startedAt, 'a worker keeps its pid');
      if (worker.state === 'ready') {
        const { watchdog } = policy;
        ensure(worker.readyAt === now && worker.leaving === null, 'a ready worker is fresh');
        ensure(worker.hungAt === (watchdog === null ? null : now + watchdog), 'a watch begins');
        ensure(old.state === 'starting' && worker.watchdogSeen === old.watchdogSeen, 'pings count');
      } else if (worker.state !== 'starting') {
        const provenAt = event.type === 'ready' && event.worker === old.id ? now : null;
        const readyAt = old.state === 'starting' ? provenAt : old.readyAt;
        ensure(worker.readyAt === readyAt, 'it is known whether a worker was ever ready');
      }
    }
  }
}

function checkNew({ pid, slot, generation, state, id, ...rest }: Worker, { result }: Moment): void {
  const { fleet } = result;
  const fresh = 'acceptsConnections' in rest && rest.startProblem === null && !rest.watchdogSeen;
  ensure(pid === null && fresh && !rest.acceptsConnections, 'a new worker has reported nothing');
  const smaller = fleet.workers.filter(
    (one) => one.generation === generation && isMember(one) && one.slot < slot,
  );
  ensure(smaller.length === slot - 1, 'a new worker takes the smallest free slot');
  ensure(id <= fleet.lastWorker, 'the last id is remembered');
}

/** What had to be written down was written down, or was known before. */
function checkUnchanged(old: Worker, moment: Moment): void {
  const expected = reported(old, old, moment);
  ensure(expected === old || isDeepStrictEqual(old, expected), 'no report is ignored');
}

/** The same worker, in the same state, after the event and the time; `worker`: what it became. */
function reported(before: Worker, worker: Worker, moment: Moment): Worker {
  const { now, policy } = moment;
  const old = afterReport(before, moment);
  const isDue = (deadlineOf(old) ?? now + 1) <= now;
  if (old.state === 'killing' && isDue) return { ...old, killAgainAt: now + policy.killInterval };
  if (old.state !== 'draining' || worker.state !== 'draining' || old.killAt !== null) return old;
  // What the stop signal changes is checked with the commands.
  const { killAt, cutShort } = worker;
  return killAt === null ? old : { ...old, killAt, cutShort };
}

/** The worker after the event, before any rule has looked at it. */
export function afterReport(old: Worker, { before, event, now, policy, result }: Moment): Worker {
  if (!('worker' in event) || event.worker !== old.id) return old;
  if (event.type === 'spawned') return { ...old, pid: event.pid };
  if (old.state === 'ready') {
    if (old.leaving !== null) return old;
    if (event.type === 'watchdogPing') {
      const { watchdog } = policy;
      return { ...old, watchdogSeen: true, hungAt: watchdog === null ? null : now + watchdog };
    }
    const leaves = event.type === 'wantsReplacement' && old.generation === before.serving;
    if (leaves && result.fleet.lifecycle.state === 'running') {
      return { ...old, leaving: event.reason, hungAt: null };
    }
    return old;
  }
  if (old.state !== 'starting') return old;
  switch (event.type) {
    case 'acceptsConnections':
      return { ...old, acceptsConnections: true };
    case 'startProblem':
      return { ...old, startProblem: event.problem };
    case 'watchdogPing':
      return { ...old, watchdogSeen: true };
    case 'startTimeExtended': {
      const asked = Math.min(now + event.ms, old.startedAt + policy.maxStartTime);
      return { ...old, readyBy: Math.max(old.readyBy, asked) };
    }
    default:
      return old;
  }
}
