// Short lives of a fleet for the tests of observers: events in, the records of their steps out.
import type { Event } from '../../src/core/events.js';
import type { Ending } from '../../src/core/failure.js';
import type { StepRecord } from '../../src/core/step-record.js';
import { stepsOf } from '../core/steps.js';
import { recordingOf, type Setting } from './transcript.js';

/** One event a millisecond, unless it says when. */
export type TimedEvent = Event & { readonly at?: number };

export function recordsOf(events: readonly TimedEvent[], setting: Setting = {}): StepRecord[] {
  const timed = events.map(({ at, ...event }, index) => ({
    at: at ?? index,
    event: event as Event,
  }));
  return [...stepsOf(recordingOf(timed, setting))];
}

export const clock: Event = { type: 'clock' };
export const reload: Event = { type: 'reload' };
export const stop: Event = { type: 'stop' };
export const changed = (...files: string[]): Event => ({ type: 'filesChanged', files });
export const spawned = (worker: number): Event => ({ type: 'spawned', worker, pid: 70 + worker });
export const ready = (worker: number): Event => ({ type: 'ready', worker });

/** `how`: a status or the name of a signal. */
export function exited(worker: number, how: number | string = 1, exception?: string): Event {
  const ending: Ending =
    typeof how === 'number' ? { type: 'status', status: how } : { type: 'signal', signal: how };
  return { type: 'exited', worker, ending, ...(exception !== undefined && { exception }) };
}
