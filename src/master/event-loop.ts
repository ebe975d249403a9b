// Where events meet decisions: holds the state that the core decides about, and handles one event after the other.

import type { MasterCommand } from '../core/commands.js';
import { type Decision, decide, type State } from '../core/decide.js';
import type { MasterEvent } from '../core/events.js';
import { emptyFleet, type Fleet, type Milliseconds } from '../core/fleet.js';
import type { Policy } from '../core/policy.js';
import { initialSockets, type Sockets } from '../core/sockets.js';
import type { StepRecord } from '../core/step-record.js';

export interface Effects {
  now(): Milliseconds;
  /** Sends a `clock` event at that time; null: never. Replaces what was set before. */
  wakeAt(time: Milliseconds | null): void;
  /** Carries out a command. Results come back as events; it throws only because of a bug. */
  run(command: MasterCommand, fleet: Fleet): void;
}

/** Sees every step, before its commands are carried out, and alters nothing. */
export type Observer = (record: StepRecord) => void;

/** `onFailure` gets what a command or an observer throws: a bug, which must not end the master and its workers. */
export function createEventLoop(workersWanted: number, onFailure: (error: unknown) => void) {
  let state: State = { fleet: emptyFleet(workersWanted), sockets: initialSockets([]) };
  let handle: ((event: MasterEvent) => void) | null = null;
  let setTimer: (() => void) | null = null;
  let isRunning = false;
  const queue: MasterEvent[] = [];

  const guard = (work: () => void) => {
    try {
      work();
    } catch (error) {
      onFailure(error);
    }
  };

  /** Before the start, and from within a step, an event waits for its turn. */
  function dispatch(event: MasterEvent): void {
    queue.push(event);
    if (isRunning || !handle) return;
    isRunning = true;
    for (let next = queue.shift(); next; next = queue.shift()) handle(next);
    isRunning = false;
    setTimer?.();
  }

  return {
    dispatch,
    fleet: () => state.fleet,
    sockets: () => state.sockets,
    start(
      sockets: Sockets,
      policy: Policy,
      effects: Effects,
      observers: readonly Observer[],
    ): void {
      state = { ...state, sockets };
      let nextWake: Milliseconds | null = null;
      handle = (event) => {
        const at = effects.now();
        const before = state.fleet;
        let decision: Decision;
        try {
          decision = decide(state, event, at, policy);
        } catch (error) {
          return onFailure(error);
        }
        state = decision.state;
        const { commands, notices, wakeAt } = decision;
        const record = { event, at, before, after: state.fleet, commands, notices };
        for (const observe of observers) guard(() => observe(record));
        for (const command of commands) guard(() => effects.run(command, record.after));
        nextWake = wakeAt;
      };
      setTimer = () => effects.wakeAt(nextWake);
      dispatch({ type: 'clock' });
    },
  };
}
