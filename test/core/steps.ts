// The steps that follow from a list of events: for the invariants, for transcripts, and for the tests of observers.

import { decide, type State } from '../../src/core/decide.js';
import type { MasterEvent } from '../../src/core/events.js';
import { emptyFleet } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { initialSockets, type Sockets } from '../../src/core/sockets.js';
import type { StepRecord } from '../../src/core/step-record.js';
import type { RecordingHeader } from '../../src/log/event-recording.js';

/** What happened to a master, as it can be played again. */
export interface Recording extends Pick<RecordingHeader, 'policy' | 'workersWanted' | 'sockets'> {
  readonly events: readonly TimedEvent[];
}

export interface TimedEvent {
  readonly at: number;
  readonly event: MasterEvent;
}

/** One step of the master, with all that is before and after it. */
export interface Moment extends StepRecord {
  readonly policy: Policy;
  readonly wakeAt: number | null;
  readonly socketsBefore: Sockets;
  readonly socketsAfter: Sockets;
}

export function momentOf(state: State, event: MasterEvent, at: number, policy: Policy): Moment {
  const { fleet: before, sockets: socketsBefore } = state;
  const { state: next, commands, notices, wakeAt } = decide(state, event, at, policy);
  const { fleet: after, sockets: socketsAfter } = next;
  const step = { event, at, before, after, commands, notices, wakeAt };
  return { ...step, policy, socketsBefore, socketsAfter };
}

export function initialState({ workersWanted, sockets }: Omit<Recording, 'events'>): State {
  return { fleet: emptyFleet(workersWanted), sockets: initialSockets(sockets) };
}

export function stateAfter({ after: fleet, socketsAfter: sockets }: Moment): State {
  return { fleet, sockets };
}

/** Takes one step for each event. */
export function* stepsOf(recording: Recording): Generator<Moment, void> {
  let state = initialState(recording);
  for (const { at, event } of recording.events) {
    const moment = momentOf(state, event, at, recording.policy);
    state = stateAfter(moment);
    yield moment;
  }
}
