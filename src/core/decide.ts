// The whole mind of the master: the fleet (step-fleet.ts) and the sockets (sockets.ts), which follow from the same events. Pure.

import type { MasterCommand, Notice } from './commands.js';
import type { Event, MasterEvent } from './events.js';
import { type Fleet, isLive, type Milliseconds } from './fleet.js';
import type { Policy } from './policy.js';
import { type Sockets, stepSockets } from './sockets.js';
import { type Step, step } from './step-fleet.js';

export interface State {
  readonly fleet: Fleet;
  readonly sockets: Sockets;
}

export interface Decision {
  readonly state: State;
  /** To be carried out in this order. */
  readonly commands: readonly MasterCommand[];
  readonly notices: readonly Notice[];
  /** When to send a `clock` event if nothing happens before; null when there is nothing to wait for. */
  readonly wakeAt: Milliseconds | null;
}

/** What follows from `event` at time `now`. */
export function decide(
  { fleet: before, sockets }: State,
  event: MasterEvent,
  now: Milliseconds,
  policy: Policy,
): Decision {
  const isAboutSocket =
    event.type === 'socketOpened' || event.type === 'socketUsed' || event.type === 'socketClosed';
  const fleetEvent: Event = isAboutSocket ? { type: 'clock' } : event;
  const { fleet, commands, notices, wakeAt } = step(before, fleetEvent, now, policy);
  if (fleet.lifecycle.state !== 'running') {
    const close: MasterCommand[] =
      before.lifecycle.state === 'running' ? [{ type: 'closeSockets' }] : [];
    // Closed first: new clients are refused as soon as the workers have closed theirs too, and do not hang.
    return { state: { fleet, sockets }, commands: [...close, ...commands], notices, wakeAt };
  }
  const events = [...(isAboutSocket ? [event] : []), ...followUps(event, { fleet, notices })];
  const serving = fleet.workers
    .filter(({ generation }) => generation === fleet.serving)
    .map(({ id }) => id);
  let next = sockets;
  const givenUp: MasterCommand[] = [];
  let claimUntil: Milliseconds | null = null;
  for (const socketEvent of events) {
    // A retired worker closes its servers because it was told to: that does not mean that the app gives up the address.
    if (socketEvent.type === 'socketClosed' && !isWorkerLive(before, socketEvent.worker)) continue;
    const done = stepSockets(next, socketEvent, serving, now);
    next = done.sockets;
    givenUp.push(...done.giveUp.map((socket) => ({ type: 'giveUpSocket', socket }) as const));
    claimUntil = done.wakeAt;
  }
  const times = [wakeAt, claimUntil].filter((time) => time !== null);
  return {
    state: { fleet, sockets: next },
    commands: [...commands, ...givenUp],
    notices,
    wakeAt: times.length === 0 ? null : Math.min(...times),
  };
}

/** What the step of the fleet means for the sockets. It ends with a clock, so that their own limit is checked as well. */
function followUps(
  event: MasterEvent,
  { fleet, notices }: Pick<Step, 'fleet' | 'notices'>,
): Parameters<typeof stepSockets>[1][] {
  // Also after a report that has come later than the exit.
  const isGone = 'worker' in event && fleet.workers.every(({ id }) => id !== event.worker);
  const isRolledOut = notices.some(({ type }) => type === 'rolledOut');
  return [
    ...(isGone ? [{ type: 'workerGone', worker: event.worker } as const] : []),
    ...(isRolledOut ? [{ type: 'generationServes' } as const] : []),
    { type: 'clock' },
  ];
}

function isWorkerLive({ workers }: Fleet, id: number): boolean {
  return workers.some((worker) => worker.id === id && isLive(worker));
}
