// What must hold of every single step, whatever the event and the fleet. It looks at the step from outside: what changed
// between two fleets must follow from a command, and must have a reason. What the types forbid is not repeated here.
import type { Command } from '../../src/core/commands.js';
import type { Event } from '../../src/core/events.js';
import { deadlineOf, type Fleet, isLive, type Worker } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import type { Step } from '../../src/core/step-fleet.js';
import { checkCapacity } from './capacity-invariants.js';
import { checkFailures, expectedStatus } from './failure-invariants.js';
import { checkReports } from './report-invariants.js';
import { checkRequests, waitingIn } from './request-invariants.js';
import { checkGenerations, checkServing } from './serving-invariants.js';

export interface Moment {
  readonly before: Fleet;
  readonly event: Event;
  readonly now: number;
  readonly policy: Policy;
  readonly result: Step;
}

/** Throws the invariant that does not hold. */
export function checkStep(moment: Moment): void {
  const { before, now, result } = moment;
  const { fleet, commands, wakeAt } = result;
  checkChanges(moment);
  checkGenerations(moment);
  checkServing(moment);
  checkRequests(moment);
  checkReports(moment);
  checkFailures(moment);
  checkCapacity(moment);
  checkTimeouts(moment);
  checkStop(moment);
  ensure(wakeAt === null || wakeAt > now, 'the wake-up time is in the future');
  for (const worker of fleet.workers) {
    const deadline = deadlineOf(worker);
    const isCovered = deadline === null || (wakeAt !== null && wakeAt <= deadline);
    ensure(isCovered, 'no deadline is overslept');
  }
  if (before.lifecycle.state !== 'running') {
    ensure(!commands.some(({ type }) => type === 'spawn'), 'nothing is spawned in a shutdown');
  }
  if (before.lifecycle.state === 'stopped') {
    ensure(acts(commands) === 0, 'after the end nothing is done');
  }
}

export function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}

/** Walks both lists, which are in the order of ids, and compares worker by worker. */
function checkChanges(moment: Moment): void {
  const { before, event, now, policy, result } = moment;
  const { fleet, commands } = result;
  const gone = event.type === 'exited' ? event.worker : null;
  const after = fleet.workers;
  let changes = 0;
  let index = 0;
  for (const old of before.workers) {
    if (old.id === gone) continue;
    const worker = after[index];
    ensure(worker?.id === old.id, 'a worker is gone when, and only when, it exited');
    changes += checkWorker(old, worker, moment);
    index += 1;
  }
  for (const worker of after.slice(index)) {
    ensure(worker.id > before.lastWorker, 'the id of a worker is never used again');
    ensure(worker.state === 'starting' && worker.startedAt === now, 'a spawned worker starts');
    ensure(worker.readyBy === now + policy.startTimeout, 'a start has its timeout');
    ensure(asks(commands, 'spawn', worker.id), 'a new worker is spawned');
    const notBefore = fleet.respawnNotBefore ?? now;
    ensure(worker.generation !== fleet.serving || notBefore <= now, 'no respawn before its time');
    changes += 1;
  }
  for (let i = 1; i < after.length; i += 1) {
    ensure((after[i - 1]?.id ?? 0) < (after[i]?.id ?? 0), 'workers are in the order of their ids');
  }
  ensure(changes === acts(commands), 'every command is a change of exactly one worker');
}

/** The number of commands that the change of this worker needs. */
function checkWorker(old: Worker, worker: Worker, moment: Moment): number {
  const { event, now, policy, result } = moment;
  const { commands } = result;
  const isNew = worker.state !== old.state;
  const isSubject = 'worker' in event && event.worker === old.id;
  const oldDeadline = deadlineOf(old);
  const isDue = oldDeadline !== null && oldDeadline <= now;
  const isStop = event.type === 'stop' && killsAtOnce(moment);
  ensure(
    worker.slot === old.slot && worker.generation === old.generation,
    'a worker keeps its slot',
  );
  const deadline = deadlineOf(worker);
  ensure(deadline === null || deadline > now, 'no worker outlives a deadline');
  switch (worker.state) {
    case 'starting': {
      ensure(!isNew, 'a worker starts once');
      ensure(worker.readyBy <= worker.startedAt + policy.maxStartTime, 'a start has a limit');
      const was = old.state === 'starting' ? old.readyBy : 0;
      ensure(worker.readyBy >= was, 'a start is extended, never shortened');
      return 0;
    }
    case 'ready': {
      const isProven = old.state === 'starting' && event.type === 'ready' && isSubject;
      ensure(!isNew || isProven, 'ready is proven, by a worker that starts');
      const isWatched = policy.watchdog !== null && worker.leaving === null;
      const isRight = (worker.hungAt !== null) === isWatched;
      ensure(!isNew || isRight, 'the watchdog watches every ready worker');
      const limit = now + (policy.watchdog ?? 0);
      ensure(!isNew || (worker.hungAt ?? 0) <= limit, 'the watchdog has its limit');
      if (event.type === 'watchdogPing' && isSubject && isWatched) {
        ensure(worker.hungAt === limit, 'a ping counts');
      }
      return 0;
    }
    case 'draining': {
      let needed = 0;
      if (old.state !== 'draining') {
        ensure(isLive(old), 'only a live worker is retired');
        ensure(asks(commands, 'retire', old.id), 'a draining worker was asked to drain');
        ensure(worker.drainUntil === now + policy.drainTimeout, 'a drain has its timeout');
        ensure(!worker.cutShort || worker.killAt !== null, 'a drain begins with all its time');
        needed += 1;
      }
      const was = old.state === 'draining' ? old.killAt : null;
      ensure(was === null || worker.killAt === was, 'the stop signal cannot be taken back');
      if (was === null && worker.killAt !== null) {
        ensure(asks(commands, 'signal', old.id), 'the stop signal was sent');
        const isDrained = event.type === 'drained' && isSubject;
        const isTimedOut = worker.drainUntil <= now;
        ensure(isDrained || isTimedOut || worker.cutShort, 'the stop signal has its cause');
        const from = worker.cutShort ? now : Math.max(now, worker.drainUntil);
        ensure(worker.killAt === from + policy.killTimeout, 'a kill has its timeout');
        needed += 1;
      }
      return needed;
    }
    case 'killing': {
      if (!isNew && !isDue) return 0;
      ensure(asks(commands, 'kill', old.id), 'a killing worker is killed, again and again');
      ensure(worker.killAgainAt === now + policy.killInterval, 'a kill is repeated');
      if (old.state === 'draining' && !isStop) {
        ensure(isDue && old.killAt !== null, 'a draining worker has until its kill deadline');
      }
      const mayHold =
        (old.state === 'ready' && !(policy.watchdog !== null && isDue)) ||
        (old.state === 'starting' && old.acceptsConnections);
      ensure(!mayHold || isStop, 'a worker that may hold connections is drained, not killed');
      return 1;
    }
  }
}

/** What is told about limits is true, and told once. */
function checkTimeouts({ before, event, now, policy, result }: Moment): void {
  const told = new Set<number>();
  for (const notice of result.notices) {
    if (notice.type !== 'drainTimedOut' && notice.type !== 'killTimedOut') continue;
    const { type, worker: id } = notice;
    const old = before.workers.find((one) => one.id === id);
    ensure(
      old?.state === 'draining' && (deadlineOf(old) ?? now + 1) <= now,
      'a limit was exceeded',
    );
    ensure((old.killAt === null) === (type === 'drainTimedOut'), 'the right limit is named');
    if (notice.type === 'drainTimedOut')
      ensure(notice.after === policy.drainTimeout, 'the limit is told');
    ensure(!told.has(id), 'a limit is told once');
    told.add(id);
  }
  for (const old of before.workers) {
    const isOver = old.state === 'draining' && (deadlineOf(old) ?? now + 1) <= now;
    const isSubject = 'worker' in event && event.worker === old.id;
    if (isOver && !isSubject && event.type !== 'stop')
      ensure(told.has(old.id), 'a limit that was exceeded is told');
  }
}

function checkStop(moment: Moment): void {
  const { before, event, result } = moment;
  const { fleet, notices, commands } = result;
  const state = fleet.lifecycle.state;
  if (state === 'stopped') {
    ensure(fleet.workers.length === 0, 'stopped means that no worker is left');
    ensure(waitingIn(fleet).length === 0, 'stopped means that no request waits');
  }
  const isNew = state === 'stopped' && before.lifecycle.state !== 'stopped';
  ensure(isNew === commands.some(({ type }) => type === 'exit'), 'the exit is commanded once');
  const begins = state !== 'running' && before.lifecycle.state === 'running';
  ensure(begins === notices.some(({ type }) => type === 'shutdownBegun'), 'a stop is told once');
  ensure(isNew === notices.some(({ type }) => type === 'shutdownDone'), 'the end is told once');
  const { lifecycle: was } = before;
  for (const command of commands) {
    if (command.type !== 'exit' || fleet.lifecycle.state !== 'stopped') continue;
    ensure(command.status === expectedStatus(fleet.lifecycle.reason), 'the exit has its status');
  }
  if (was.state !== 'running' && fleet.lifecycle.state !== 'running') {
    ensure(fleet.lifecycle.reason === was.reason, 'a stop has one reason');
  }
  if (fleet.lifecycle.state === 'stopping') {
    const isSignal = event.type === 'stop' && event.request === undefined;
    const signalled = isSignal || (was.state === 'stopping' && was.signalled);
    ensure(fleet.lifecycle.signalled === signalled, 'a signal is remembered');
  }
  if (event.type !== 'stop') return;
  ensure(state !== 'running', 'a stop stops');
  if (killsAtOnce(moment)) {
    const isOver = fleet.workers.every((one) => one.state === 'killing');
    ensure(isOver, 'a second signal, or `now`, kills at once');
  }
}

function killsAtOnce({ before: { lifecycle }, event }: Moment): boolean {
  if (event.type !== 'stop') return false;
  const isSignal = event.request === undefined;
  return event.now === true || (isSignal && lifecycle.state === 'stopping' && lifecycle.signalled);
}

export function asks(commands: readonly Command[], type: Command['type'], worker: number): boolean {
  return commands.some((one) => one.type === type && 'worker' in one && one.worker === worker);
}

/** Commands that touch a process. */
function acts(commands: readonly Command[]): number {
  return commands.filter(({ type }) => type !== 'reply' && type !== 'exit').length;
}
