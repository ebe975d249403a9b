// What happened to a master, as it can be played again: by a test, and from the file that --record writes.

import { decide, type State } from '../../src/core/decide.js';
import type { MasterEvent } from '../../src/core/events.js';
import { emptyFleet } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { initialSockets } from '../../src/core/sockets.js';
import { checkStep } from './invariants.js';

export interface Recording {
  readonly policy: Policy;
  readonly workersWanted: number;
  readonly events: readonly { readonly at: number; readonly event: MasterEvent }[];
}

/** The first invariant that does not hold when the events are played again; null if all hold. */
export function violationIn({ policy, workersWanted, events }: Recording): string | null {
  let state: State = { fleet: emptyFleet(workersWanted), sockets: initialSockets([]) };
  try {
    for (const { at, event } of events) {
      const before = state.fleet;
      const decision = decide(state, event, at, policy);
      state = decision.state;
      checkDecision(before, event, at, policy, decision);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return null;
}

/** The invariants of one step of the fleet; a report about a socket is as good as a clock to it. */
export function checkDecision(
  before: State['fleet'],
  event: MasterEvent,
  now: number,
  policy: Policy,
  { state, commands, notices, wakeAt }: ReturnType<typeof decide>,
): void {
  const isAboutSocket = event.type.startsWith('socket');
  const fleetEvent = isAboutSocket ? ({ type: 'clock' } as const) : event;
  const ours = commands.flatMap((command) =>
    command.type === 'giveUpSocket' || command.type === 'closeSockets' ? [] : [command],
  );
  const result = { fleet: state.fleet, commands: ours, notices, wakeAt };
  checkStep({ before, event: fleetEvent as never, now, policy, result });
}

/**
 * The shortest list of events that still violates the same invariant, as delta debugging finds it: leaving out an event is
 * always allowed, as every report may be lost.
 */
export function shrink(recording: Recording): Recording {
  const wanted = violationIn(recording);
  let events = recording.events;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < events.length; ) {
      const fewer = [...events.slice(0, from), ...events.slice(from + size)];
      if (violationIn({ ...recording, events: fewer }) === wanted) events = fewer;
      else from += size;
    }
  }
  return { ...recording, events };
}
