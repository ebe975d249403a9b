// What happened to a master, as it can be played again: by tests, and from the file that --record writes.

import type { Event, MasterEvent } from '../../src/core/events.js';
import { emptyFleet } from '../../src/core/fleet.js';
import type { Policy } from '../../src/core/policy.js';
import { initialSockets } from '../../src/core/sockets.js';
import { type Decision, decide, type State } from '../../src/core/step-master.js';
import type { RecordingHeader } from '../../src/log/event-recording.js';
import { headingOf, lineOf } from '../helpers/transcript.js';
import { checkStep } from './invariants.js';
import { checkSockets } from './socket-invariants.js';

export interface Recording extends Pick<RecordingHeader, 'policy' | 'workersWanted' | 'sockets'> {
  readonly events: readonly { readonly at: number; readonly event: MasterEvent }[];
}

/** Reads a file of --record, or a log in JSON of level debug, of which all other lines are skipped. */
export function parseRecording(text: string): Recording {
  let header: Omit<Recording, 'events'> | null = null;
  const events: { at: number; event: MasterEvent }[] = [];
  for (const [number, line] of text.split('\n').entries()) {
    if (!line.startsWith('{')) continue;
    const value = parseLineOfJson(line, number + 1);
    const record = value.record ?? value;
    if (record.policy) header = record;
    else if (record.event && typeof record.at === 'number') events.push(record);
  }
  if (!header) throw new Error('no line with the policy of a master: not a recording');
  const { policy, workersWanted, sockets } = header;
  return { policy, workersWanted, sockets, events };
}

function parseLineOfJson(line: string, number: number) {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`line ${number} is not JSON: it may have been cut; remove it`);
  }
}

/** Plays the events, and calls back after each. */
function play(
  { policy, workersWanted, sockets, events }: Recording,
  onDecision: (before: State, event: MasterEvent, at: number, decision: Decision) => void,
): void {
  let state: State = { fleet: emptyFleet(workersWanted), sockets: initialSockets(sockets) };
  for (const { at, event } of events) {
    const before = state;
    const decision = decide(state, event, at, policy);
    state = decision.state;
    onDecision(before, event, at, decision);
  }
}

/** As `stories` has it: what differs from the policy of the tests, then one line for each event. */
export function transcriptOf(recording: Recording): string[] {
  const { workersWanted, sockets, policy } = recording;
  const lines = [headingOf(workersWanted, sockets, policy)];
  play(recording, (_, event, at, decision) => void lines.push(lineOf(at, event, decision)));
  return lines;
}

/** The first invariant that does not hold when the events are played again; null if all hold. */
export function violationIn(recording: Recording): string | null {
  try {
    play(recording, (before, event, at, decision) =>
      checkDecision(before, event, at, recording.policy, decision),
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return null;
}

/** The invariants of one step of the fleet; for the fleet a report about a socket is a clock. */
export function checkDecision(
  before: State,
  event: MasterEvent,
  now: number,
  policy: Policy,
  decision: Decision,
): void {
  const { state, commands, notices, wakeAt } = decision;
  const fleetEvent: Event =
    event.type === 'socketOpened' || event.type === 'socketUsed' || event.type === 'socketClosed'
      ? { type: 'clock' }
      : event;
  const ofFleet = commands.flatMap((command) =>
    command.type === 'giveUpSocket' || command.type === 'closeSockets' ? [] : [command],
  );
  const result = { fleet: state.fleet, commands: ofFleet, notices, wakeAt };
  checkStep({ before: before.fleet, event: fleetEvent, now, policy, result });
  checkSockets({ before, event, now, decision });
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
