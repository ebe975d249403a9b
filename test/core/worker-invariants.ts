// The invariants of each worker: what was reported about it is written down, field by field, and every change of its state
// has a reason and a command. About all other workers, and in all other states, a report changes nothing.
import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../../src/core/commands.js';
import { isLive, isMember, type Worker } from '../../src/core/fleet.js';
import { asks, ensure, has, isOverdue, killsAtOnce } from './ask.js';
import { startedAgain } from './failure-invariants.js';
import type { Moment } from './steps.js';

/** Walks both lists, which are in the order of ids, and compares worker by worker. */
export function checkWorkers(moment: Moment): void {
  const { before, after, event, commands } = moment;
  const gone = event.type === 'exited' ? event.worker : null;
  let changes = 0;
  let index = 0;
  for (const old of before.workers) {
    if (old.id === gone) continue;
    const worker = after.workers[index];
    ensure(worker?.id === old.id, 'a worker is gone when, and only when, it exited');
    changes += checkWorker(old, worker, moment);
    index += 1;
  }
  for (; index < after.workers.length; index += 1) {
    const worker = after.workers[index];
    if (!worker) continue;
    ensure(
      worker.id > (after.workers[index - 1]?.id ?? 0),
      'workers are in the order of their ids',
    );
    checkNew(worker, moment);
    changes += 1;
  }
  const touching = commands.filter((one) => 'worker' in one);
  ensure(changes === touching.length, 'every command is a change of exactly one worker');
}

function checkNew(worker: Worker, moment: Moment): void {
  const { before, after, at, policy, commands, notices } = moment;
  const { id, slot, generation } = worker;
  ensure(id > before.lastWorker, 'the id of a worker is never used again');
  ensure(id <= after.lastWorker, 'the last id is remembered');
  const expected: Worker = {
    ...{ state: 'starting', id, slot, generation, pid: null, startedAt: at },
    ...{ readyBy: at + policy.startTimeout, acceptsConnections: false },
    ...{ watchdogSeen: false, startedAgain: 0, startProblem: null },
  };
  ensure(asks(commands, 'spawn', id), 'a new worker is spawned');
  const same = startedAgain(moment);
  if (same && same.slot === slot && same.generation === generation) {
    const { startedAt, readyBy } = same;
    const again = { ...expected, startedAt, readyBy, startedAgain: same.startedAgain + 1 };
    ensure(isDeepStrictEqual(worker, again), 'a worker that is started again has what is left');
    return ensure(has(notices, 'startedAgain'), 'a second process for a start is told');
  }
  ensure(isDeepStrictEqual(worker, expected), 'a new worker has all its time');
  const notBefore = after.respawnNotBefore ?? at;
  ensure(generation !== after.serving || notBefore <= at, 'no respawn before its time');
  const smaller = after.workers.filter(
    (one) => one.generation === generation && isMember(one) && one.slot < slot,
  );
  ensure(smaller.length === slot - 1, 'a new worker takes the smallest free slot');
}

/** The number of commands that the change of this worker needs. */
function checkWorker(before: Worker, worker: Worker, moment: Moment): number {
  const old = afterReport(before, moment);
  ensure(!isOverdue(worker, moment.at), 'no worker outlives a deadline');
  if (worker === old) return 0;
  const expected = expectedOf(old, worker, moment);
  ensure(isDeepStrictEqual(worker, expected), 'a worker is what was reported about it');
  const needed = commandsFor(old, worker, moment);
  for (const type of needed) {
    ensure(asks(moment.commands, type, old.id), `a change is commanded: ${type}`);
  }
  return needed.length;
}

/** The worker as it has to be in its state; when a drain ends is checked with its command. */
function expectedOf(old: Worker, worker: Worker, { event, at, policy }: Moment): Worker {
  const { id, slot, generation, pid, startedAt } = old;
  const identity = { id, slot, generation, pid, startedAt };
  const isReported = event.type === 'ready' && event.worker === id;
  const readyAt = old.state === 'starting' ? (isReported ? at : null) : old.readyAt;
  switch (worker.state) {
    case 'starting':
      return old;
    case 'ready': {
      if (old.state !== 'starting') return old;
      ensure(isReported, 'ready is proven');
      const hungAt = policy.watchdog === null ? null : at + policy.watchdog;
      const { watchdogSeen } = old;
      return { ...identity, state: 'ready', readyAt: at, hungAt, watchdogSeen, leaving: null };
    }
    case 'draining': {
      const { killAt, cutShort } = worker;
      if (old.state === 'draining') return old.killAt === null ? { ...old, killAt, cutShort } : old;
      const drainUntil = at + policy.drainTimeout;
      return { ...identity, state: 'draining', readyAt, drainUntil, killAt, cutShort };
    }
    case 'killing': {
      if (old.state === 'killing' && old.killAgainAt > at) return old;
      return { ...identity, state: 'killing', readyAt, killAgainAt: at + policy.killInterval };
    }
  }
}

/** The commands that the change needs, in their order; and that it has a reason. */
function commandsFor(old: Worker, worker: Worker, moment: Moment): Command['type'][] {
  const { event, at, policy } = moment;
  const isDue = isOverdue(old, at);
  if (worker.state === 'draining') {
    const needed: Command['type'][] = [];
    if (old.state !== 'draining') {
      ensure(isLive(old), 'only a live worker is retired');
      needed.push('retire');
    }
    const { killAt, cutShort, drainUntil } = worker;
    ensure(!cutShort || killAt !== null, 'a drain is cut short by the stop signal');
    if (killAt === null || (old.state === 'draining' && old.killAt !== null)) return needed;
    const isDrained = event.type === 'drained' && event.worker === old.id;
    ensure(isDrained || drainUntil <= at || cutShort, 'the stop signal has its cause');
    const from = cutShort ? at : Math.max(at, drainUntil);
    ensure(killAt === from + policy.killTimeout, 'a kill has its timeout');
    return [...needed, 'signal'];
  }
  if (worker.state !== 'killing' || (old.state === 'killing' && !isDue)) return [];
  if (killsAtOnce(moment)) return ['kill'];
  if (old.state === 'draining') {
    ensure(isDue && old.killAt !== null, 'a draining worker has until its kill deadline');
  }
  const mayHold =
    (old.state === 'ready' && !(policy.watchdog !== null && isDue)) ||
    (old.state === 'starting' && old.acceptsConnections);
  ensure(!mayHold, 'a worker that may hold connections is drained, not killed');
  return ['kill'];
}

/** The worker after the event, before any rule has looked at it. */
export function afterReport(old: Worker, { before, after, event, at, policy }: Moment): Worker {
  if (!('worker' in event) || event.worker !== old.id) return old;
  if (event.type === 'spawned') return { ...old, pid: event.pid };
  if (old.state === 'ready') {
    if (old.leaving !== null) return old;
    if (event.type === 'watchdogPing') {
      const { watchdog } = policy;
      return { ...old, watchdogSeen: true, hungAt: watchdog === null ? null : at + watchdog };
    }
    const leaves = event.type === 'wantsReplacement' && old.generation === before.serving;
    if (leaves && after.lifecycle.state === 'running') {
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
      const asked = Math.min(at + event.ms, old.startedAt + policy.maxStartTime);
      return { ...old, readyBy: Math.max(old.readyBy, asked) };
    }
    default:
      return old;
  }
}
