// One step of the fleet as the invariants look at it, from outside, and what they ask of it.
import type { Command, Notice } from '../../src/core/commands.js';
import type { Event } from '../../src/core/events.js';
import {
  deadlineOf,
  type Fleet,
  isMember,
  type LiveWorker,
  type Worker,
} from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import type { Step } from '../../src/core/step-fleet.js';

export interface Moment {
  readonly before: Fleet;
  readonly event: Event;
  readonly now: number;
  readonly policy: Policy;
  readonly result: Step;
}

export function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}

export function has(notices: readonly Notice[], type: Notice['type']): boolean {
  return notices.some((notice) => notice.type === type);
}

export function asks(commands: readonly Command[], type: Command['type'], worker: number): boolean {
  return commands.some((one) => one.type === type && 'worker' in one && one.worker === worker);
}

/** The event is a report about this worker. */
export function isAbout(event: Event, { id }: Worker): boolean {
  return 'worker' in event && event.worker === id;
}

export function isReady(worker: Worker): boolean {
  return worker.state === 'ready';
}

export function isLeaving(worker: Worker): boolean {
  return worker.state === 'ready' && worker.leaving !== null;
}

export function isOverdue(worker: Worker, now: number): boolean {
  return (deadlineOf(worker) ?? now + 1) <= now;
}

/** It is gone, or its time is over. */
export function hasFailed(worker: Worker, { event, now }: Moment): boolean {
  return (event.type === 'exited' && isAbout(event, worker)) || isOverdue(worker, now);
}

export function membersOf({ workers }: Fleet, generation: number | null): LiveWorker[] {
  return workers.filter(isMember).filter((one) => one.generation === generation);
}

/** `ready` are the ready members of its generation, of which as many are wanted. */
export function isReplaced(leaving: Worker, ready: readonly Worker[], wanted: number): boolean {
  return ready.length >= wanted || ready.some(({ slot }) => slot === leaving.slot);
}

/** The event is a stop that kills everybody in this step. */
export function killsAtOnce({ before: { lifecycle }, event }: Moment): boolean {
  if (event.type !== 'stop') return false;
  const isSignal = event.request === undefined;
  return event.now === true || (isSignal && lifecycle.state === 'stopping' && lifecycle.signalled);
}
