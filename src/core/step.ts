// What happens next. Pure: no I/O, no clock, no import from outside this folder.
//
// Theory of operation. All that decides anything is one value, the Fleet. An event goes in; out come
// the next fleet and a list of actions, which others perform. A turn has two halves. First the fact
// (facts.ts): the event is written into the fleet, and nothing else is. Then the rules (rules.ts):
// each compares the fleet as it is with what it should be, and makes up the difference: overdue,
// so signal or kill; all ready, so roll out; failed, so roll back; replaced, so retire; too few, so
// spawn; too many, so retire. Because the rules look at states and not at events, a reload during a
// reload, a crash during a scale or a stop during a start need no code of their own.
//
// The first start is a roll out with nothing behind it: if it fails there is nothing to fall back
// on, and the master stops. A reload during a roll out is remembered, however often it comes, and
// makes exactly one more roll out; whoever asks gets the outcome of the roll out that began after
// they asked, for only that one is sure to run the code they deployed. A change of files does the same, and more:
// a roll out that nobody asked for is abandoned for a newer change. What changed, the fleet only passes on.
//
// Each worker that is being waited for carries its deadline, and a generation that is ready takes over a
// moment later. The caller sends a `clock` event at `nextDeadline`; there is no other timer.
import { observe } from './apply-event.js';
import { beginTurn } from './draft.js';
import { type Action, type Event, type Fleet, isLive, type Policy } from './fleet.js';
import { abandonAt, takeoverAt } from './rollout.js';
import { settle } from './rules.js';

export interface Step {
  readonly fleet: Fleet;
  readonly actions: readonly Action[];
}

/** The fleet after `event` at time `now`, and what is to be done, in that order. */
export function step(fleet: Fleet, event: Event, now: number, policy: Policy): Step {
  const turn = beginTurn(fleet, now, policy);
  observe(turn, event);
  settle(turn);
  return { fleet: turn.fleet, actions: turn.actions };
}

/** When to send a `clock` event if nothing happens before; null when there is nothing to wait for. */
export function nextDeadline(fleet: Fleet, policy: Policy): number | null {
  let next = Number.POSITIVE_INFINITY;
  let live = 0;
  for (const worker of fleet.workers) {
    if (worker.deadline !== null) next = Math.min(next, worker.deadline);
    if (worker.generation === fleet.serving && isLive(worker)) live += 1;
  }
  next = Math.min(next, takeoverAt(fleet, policy) ?? next, abandonAt(fleet, policy) ?? next);
  const respawning = fleet.serving !== 0 && live < fleet.size && fleet.stop === null;
  if (respawning) next = Math.min(next, fleet.retryAt);
  return Number.isFinite(next) ? next : null;
}
