// What happens next. Pure: no I/O, no clock, no text for people, no import from outside this folder.
//
// Everything that decides anything about workers is one value, the Fleet. An event goes in; out come the next fleet, commands that
// others carry out, notices of what has happened, and the time at which to look again. A step has two halves. First the
// event is written into the fleet (apply-event.ts), with what it alone can cause. Then the rules (rules.ts) compare the fleet
// with what it should be and make up the difference: overdue, so signal or kill; all ready, so roll out; failed, so
// roll back; replaced, so retire; too few, so spawn. Because the rules look at states and not at events, a reload during
// a reload, a crash during a scale or a stop during a start need no code of their own.
//
// The first start is a rollout with nothing behind it: if it fails there is nothing to fall back on, and the master
// stops. A reload during a rollout is remembered, however often it comes, and makes exactly one more rollout. A request
// gets the outcome of a rollout that began after the request was made, for only that one is sure to run the code that
// was deployed before it. A change of files does the same, and a rollout that nobody asked for is abandoned for it.

import { applyEvent } from './apply-event.js';
import type { Command, Notice } from './commands.js';
import type { Draft } from './draft.js';
import type { Event } from './events.js';
import type { Fleet, Milliseconds } from './fleet.js';
import type { Policy } from './policy.js';
import { applyRules } from './rules.js';

export interface Step {
  readonly fleet: Fleet;
  /** To be carried out in this order. */
  readonly commands: readonly Command[];
  readonly notices: readonly Notice[];
  /** When to send a `clock` event if nothing happens before; null when there is nothing to wait for. */
  readonly wakeAt: Milliseconds | null;
}

/** The fleet after `event` at time `now`, and what follows from it. */
export function step(fleet: Fleet, event: Event, now: Milliseconds, policy: Policy): Step {
  const draft: Draft = { fleet, wakeAt: null, commands: [], notices: [], now, policy };
  applyEvent(draft, event);
  applyRules(draft);
  const { commands, notices, wakeAt } = draft;
  return { fleet: draft.fleet, commands, notices, wakeAt };
}
