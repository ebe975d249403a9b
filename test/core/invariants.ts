// What must hold of every single step, whatever the event and the fleet. It looks at the step from outside: what changed
// between two fleets must follow from a command, and must have a reason. What the types forbid is not repeated here.
import type { Command, Notice } from '../../src/core/commands.js';
import type { Event } from '../../src/core/events.js';
import { deadlineOf, type Fleet } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import type { Step } from '../../src/core/step-fleet.js';
import { checkCapacity } from './capacity-invariants.js';
import { checkFailures, expectedStatus } from './failure-invariants.js';
import { checkRequests, waitingIn } from './request-invariants.js';
import { checkGenerations, checkServing } from './serving-invariants.js';
import { checkWorkers } from './worker-invariants.js';

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
  checkWorkers(moment);
  checkGenerations(moment);
  checkServing(moment);
  checkRequests(moment);
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
    ensure(
      commands.every(({ type }) => type === 'reply'),
      'after the end nothing is done',
    );
  }
}

export function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
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
  const begins = state !== 'running' && before.lifecycle.state === 'running';
  ensure(begins === has(notices, 'shutdownBegun'), 'a stop is told once');
  ensure(isNew === has(notices, 'shutdownDone'), 'the end is told once');
  const { lifecycle: was } = before;
  const exit = commands.find((command) => command.type === 'exit');
  ensure(isNew === (exit !== undefined), 'the exit is commanded once');
  if (exit && fleet.lifecycle.state === 'stopped') {
    ensure(exit.status === expectedStatus(fleet.lifecycle.reason), 'the exit has its status');
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

/** The event is a stop that kills everybody in this step. */
export function killsAtOnce({ before: { lifecycle }, event }: Moment): boolean {
  if (event.type !== 'stop') return false;
  const isSignal = event.request === undefined;
  return event.now === true || (isSignal && lifecycle.state === 'stopping' && lifecycle.signalled);
}

export function asks(commands: readonly Command[], type: Command['type'], worker: number): boolean {
  return commands.some((one) => one.type === type && 'worker' in one && one.worker === worker);
}

export function has(notices: readonly Notice[], type: Notice['type']): boolean {
  return notices.some((notice) => notice.type === type);
}
