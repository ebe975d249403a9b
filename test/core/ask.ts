// What the invariants ask of a step. They look at it from outside.
import type { MasterCommand, Notice } from '../../src/core/commands.js';
import type { MasterEvent } from '../../src/core/events.js';
import {
  deadlineOf,
  type Fleet,
  isMember,
  type LiveWorker,
  type Worker,
} from '../../src/core/fleet.js';
import type { Moment } from './steps.js';

export function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}

export function has(notices: readonly Notice[], type: Notice['type']): boolean {
  return notices.some((notice) => notice.type === type);
}

export function asks(
  commands: readonly MasterCommand[],
  type: MasterCommand['type'],
  worker: number,
): boolean {
  return commands.some((one) => one.type === type && 'worker' in one && one.worker === worker);
}

/** The event is a report about this worker. */
export function isAbout(event: MasterEvent, { id }: Worker): boolean {
  return 'worker' in event && event.worker === id;
}

export function isReady(worker: Worker): boolean {
  return worker.state === 'ready';
}

export function isLeaving(worker: Worker): boolean {
  return worker.state === 'ready' && worker.leaving !== null;
}

export function isOverdue(worker: Worker, at: number): boolean {
  return (deadlineOf(worker) ?? at + 1) <= at;
}

/** It is gone, or its time is over. */
export function hasFailed(worker: Worker, { event, at }: Moment): boolean {
  return (event.type === 'exited' && isAbout(event, worker)) || isOverdue(worker, at);
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
