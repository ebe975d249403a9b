// What must hold of every single step, whatever the event and the fleet. It looks at the step from outside: what changed
// between two fleets must follow from a command, and must have a reason. What the types forbid is not repeated here.
import { deadlineOf } from '../../src/core/fleet.js';
import { ensure, has, isAbout, isOverdue, killsAtOnce } from './ask.js';
import { checkFailures, expectedStatus } from './failure-invariants.js';
import { checkGenerations } from './generation-invariants.js';
import { checkRequests, waitingIn } from './request-invariants.js';
import { checkRollouts } from './rollout-invariants.js';
import { checkServing } from './serving-invariants.js';
import { checkSockets } from './socket-invariants.js';
import type { Moment } from './steps.js';
import { checkWorkers } from './worker-invariants.js';

/** Throws the invariant that does not hold. */
export function checkStep(moment: Moment): void {
  const { after, at, wakeAt } = moment;
  checkWorkers(moment);
  checkGenerations(moment);
  checkServing(moment);
  checkRollouts(moment);
  checkRequests(moment);
  checkFailures(moment);
  checkTimeouts(moment);
  checkStop(moment);
  checkSockets(moment);
  ensure(wakeAt === null || wakeAt > at, 'the wake-up time is in the future');
  const deadlines = after.workers.map((worker) => deadlineOf(worker) ?? Number.POSITIVE_INFINITY);
  const first = Math.min(...deadlines);
  ensure((wakeAt ?? Number.POSITIVE_INFINITY) <= first, 'no deadline is overslept');
}

/** What is told about the limits of draining workers is true, and told once. */
function checkTimeouts({ before, event, at, policy, notices }: Moment): void {
  const told = new Set<number>();
  for (const notice of notices) {
    if (notice.type !== 'drainTimedOut' && notice.type !== 'killTimedOut') continue;
    const { type, worker: id } = notice;
    const old = before.workers.find((one) => one.id === id);
    ensure(old?.state === 'draining' && isOverdue(old, at), 'a limit was exceeded');
    ensure((old.killAt === null) === (type === 'drainTimedOut'), 'the right limit is named');
    const isTold = notice.type === 'killTimedOut' || notice.after === policy.drainTimeout;
    ensure(isTold && !told.has(id), 'a limit is told once');
    told.add(id);
  }
  for (const old of before.workers) {
    const isOver = old.state === 'draining' && isOverdue(old, at) && !isAbout(event, old);
    const isTold = told.has(old.id) || event.type === 'stop';
    ensure(!isOver || isTold, 'a limit that was exceeded is told');
  }
}

function checkStop(moment: Moment): void {
  const { before, after, event, commands, notices } = moment;
  const { lifecycle: was } = before;
  const { lifecycle: is } = after;
  const begins = is.state !== 'running' && was.state === 'running';
  ensure(begins === has(notices, 'shutdownBegun'), 'a stop is told once');
  const ends = is.state === 'stopped' && was.state !== 'stopped';
  ensure(ends === has(notices, 'shutdownDone'), 'the end is told once');
  const exit = commands.find((command) => command.type === 'exit');
  ensure(ends === (exit !== undefined), 'the exit is commanded once');
  if (event.type === 'stop') ensure(is.state !== 'running', 'a stop stops');
  if (is.state === 'running') return;
  ensure(begins || (was.state !== 'running' && is.reason === was.reason), 'a stop has one reason');
  if (!begins) {
    ensure(!commands.some(({ type }) => type === 'spawn'), 'nothing is spawned in a shutdown');
  }
  if (is.state === 'stopped') {
    const isOver = after.workers.length === 0 && waitingIn(after).length === 0;
    ensure(isOver, 'stopped means that no worker is left, and that no request waits');
    ensure(!exit || exit.status === expectedStatus(is.reason), 'the exit has its status');
    const isQuiet = ends || commands.every(({ type }) => type === 'reply');
    return ensure(isQuiet, 'after the end nothing is done');
  }
  const isSignal = event.type === 'stop' && event.request === undefined;
  const signalled = isSignal || (was.state === 'stopping' && was.signalled);
  ensure(is.signalled === signalled, 'a signal is remembered');
  const isOver = after.workers.every((one) => one.state === 'killing');
  ensure(!killsAtOnce(moment) || isOver, 'a second signal, or `now`, kills at once');
}
