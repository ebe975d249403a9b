// What happened to a master, as it can be played again: by tests, and from the file that --record writes.
import { headingOf, linesOf } from '../helpers/transcript.js';
import { checkStep } from './invariants.js';
import { type Recording, stepsOf, type TimedEvent } from './steps.js';

/** Reads a file of --record, or a log in JSON of level debug, of which all other lines are skipped. */
export function parseRecording(text: string): Recording {
  let header: Omit<Recording, 'events'> | null = null;
  const events: TimedEvent[] = [];
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

/** As `stories` has it: what differs from the policy of the tests, then one line for each event. */
export function transcriptOf(recording: Recording): string[] {
  return [headingOf(recording), ...linesOf([...stepsOf(recording)])];
}

/** The first invariant that does not hold when the events are played again; null if all hold. */
export function violationIn(recording: Recording): string | null {
  try {
    for (const moment of stepsOf(recording)) checkStep(moment);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return null;
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
