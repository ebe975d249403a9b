// Where event meets action: holds the only fleet that changes, and lets one event after the other through.

import type { Action, Event, Fleet, Policy } from '../core/fleet.js';
import { nextDeadline, step } from '../core/step.js';

export interface Hands {
  now(): number;
  wakeAt(deadline: number | null): void;
  /** Does it. Results come back as events; it must not throw for what can be expected. */
  perform(action: Action, fleet: Fleet): void;
}

export interface Turn {
  readonly event: Event;
  readonly at: number;
  readonly before: Fleet;
  readonly after: Fleet;
  readonly actions: readonly Action[];
}

/** Sees every turn, alters nothing. */
export type Observer = (turn: Turn) => void;

export interface Master {
  tell(event: Event): void;
  fleet(): Fleet;
}

/** `failed` hears of a hand or observer that threw: a bug, which must not take the fleet along. */
export function createMaster(
  initial: Fleet,
  policy: Policy,
  hands: Hands,
  observers: readonly Observer[],
  failed: (error: unknown) => void,
): Master {
  let fleet = initial;
  let running = false;
  const queue: Event[] = [];

  const guard = (work: () => void) => {
    try {
      work();
    } catch (error) {
      failed(error);
    }
  };

  function take(event: Event): void {
    const at = hands.now();
    const before = fleet;
    const { fleet: after, actions } = step(before, event, at, policy);
    fleet = after;
    for (const observe of observers) guard(() => observe({ event, at, before, after, actions }));
    for (const action of actions) guard(() => hands.perform(action, after));
  }

  return {
    fleet: () => fleet,
    /** Run to completion: an event told from within a turn waits for its end. */
    tell(event) {
      queue.push(event);
      if (running) return;
      running = true;
      for (let next = queue.shift(); next; next = queue.shift()) {
        const present = next;
        guard(() => take(present));
      }
      running = false;
      hands.wakeAt(nextDeadline(fleet, policy));
    },
  };
}
