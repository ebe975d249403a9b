// The invariants of the sockets that the master holds: as long as one is of use it is held, and no longer.
import { isDeepStrictEqual } from 'node:util';
import type { MasterEvent } from '../../src/core/events.js';
import { isLive } from '../../src/core/fleet.js';
import {
  CLAIM_TIME_MS,
  expectedSockets,
  type SocketEvent,
  type SocketUse,
} from '../../src/core/sockets.js';
import type { Decision, State } from '../../src/core/step-master.js';
import { ensure } from './moment.js';

interface SocketMoment {
  readonly before: State;
  readonly event: MasterEvent;
  readonly now: number;
  readonly decision: Decision;
}

export function checkSockets(moment: SocketMoment): void {
  const { before, event, now, decision } = moment;
  const { state, commands, wakeAt } = decision;
  const { fleet, sockets } = state;
  const isRunning = fleet.lifecycle.state === 'running';
  const wasRunning = before.fleet.lifecycle.state === 'running';
  const givenUp = commands.flatMap((one) => (one.type === 'giveUpSocket' ? [one.socket] : []));
  const closes = commands.filter(({ type }) => type === 'closeSockets').length;
  ensure(
    closes === (wasRunning && !isRunning ? 1 : 0),
    'all sockets are closed when a stop begins',
  );
  if (!isRunning) {
    ensure(givenUp.length === 0 && sockets === before.sockets, 'a stop closes all sockets at once');
    return;
  }
  const expected = usesAfter(moment);
  const isUseful = (use: SocketUse) =>
    use.origin !== 'adopted' || use.listeners.length > 0 || use.awaitsClaim || use.isServed;
  const kept = expected.filter(isUseful);
  ensure(areEqual(sockets.uses, kept), 'a socket is held as long as it is of use');
  const dropped = expected.filter((use) => !isUseful(use)).map(({ id }) => id);
  ensure(givenUp.join() === dropped.join(), 'a socket that is of no use is given up');
  const { claimUntil } = sockets;
  ensure(
    claimUntil === null || (wakeAt !== null && wakeAt <= claimUntil),
    'a claim is not overslept',
  );
  const due = claimAfter(moment);
  ensure(claimUntil === (due !== null && due > now ? due : null), 'a claim has its time');
  const needed = kept.filter(
    ({ origin, isServed, isPrivate }) => origin !== 'adopted' || (isServed && !isPrivate),
  );
  ensure(
    isDeepStrictEqual(expectedSockets(sockets), needed),
    'a new worker is to listen as the old do',
  );
  if (event.type !== 'socketClosed') {
    const stays = before.sockets.uses.every(
      (use) => !use.isServed || !givenUp.includes(use.id) || rollsOut(moment),
    );
    ensure(stays, 'a socket of the serving generation is kept for its replacement');
  }
}

/** Judged after the step. */
function isServing({ decision }: SocketMoment, worker: number): boolean {
  const { workers, serving } = decision.state.fleet;
  return workers.some(({ id, generation }) => id === worker && generation === serving);
}

/** Most are not only equal but the same, and that is quickly seen. */
function areEqual(some: readonly SocketUse[], others: readonly SocketUse[]): boolean {
  const isEqual = (use: SocketUse, index: number) =>
    use === others[index] || isDeepStrictEqual(use, others[index]);
  return some.length === others.length && some.every(isEqual);
}

function rollsOut({ decision }: SocketMoment): boolean {
  return decision.notices.some(({ type }) => type === 'rolledOut');
}

/** The end of the time in which sockets of an earlier master may be claimed, also if it has passed. */
function claimAfter(moment: SocketMoment): number | null {
  const { before, now } = moment;
  const { claimUntil, uses, hasServed } = before.sockets;
  const isFirst = rollsOut(moment) && !hasServed;
  const isOpen = isFirst && uses.some((use) => use.awaitsClaim && !isClaimed(use, moment));
  return isOpen ? now + CLAIM_TIME_MS : claimUntil;
}

function isClaimed(use: SocketUse, { event }: SocketMoment): boolean {
  return event.type === 'socketUsed' && event.socket === use.id;
}

/** The uses after the event, those that are of no use any more included. */
function usesAfter(moment: SocketMoment): SocketUse[] {
  const { before, event, now } = moment;
  const { uses } = before.sockets;
  const opened: SocketUse[] =
    event.type === 'socketOpened'
      ? [
          {
            ...{ id: event.socket, origin: 'adopted', isPrivate: event.isPrivate },
            ...{ listeners: [event.worker], isServed: isServing(moment, event.worker) },
            awaitsClaim: false,
          },
        ]
      : [];
  const claimUntil = claimAfter(moment);
  const isOver = claimUntil !== null && claimUntil <= now;
  const rolledOut = rollsOut(moment);
  return [...uses, ...opened].map((use) => {
    const changed = useAfter(use, moment);
    const awaitsClaim = changed.awaitsClaim && !isOver;
    if (!rolledOut)
      return awaitsClaim === changed.awaitsClaim ? changed : { ...changed, awaitsClaim };
    const isServed = changed.listeners.some((worker) => isServing(moment, worker));
    return { ...changed, awaitsClaim, isServed };
  });
}

function useAfter(use: SocketUse, moment: SocketMoment): SocketUse {
  const { event, decision } = moment;
  if (!('worker' in event)) return use;
  const { worker } = event;
  const isGone = decision.state.fleet.workers.every(({ id }) => id !== worker);
  const changed = 'socket' in event && event.socket === use.id ? reported(use, event, moment) : use;
  if (!isGone || !changed.listeners.includes(worker)) return changed;
  return { ...changed, listeners: changed.listeners.filter((id) => id !== worker) };
}

function reported(use: SocketUse, event: SocketEvent, moment: SocketMoment): SocketUse {
  const { type, worker } = event;
  const { listeners } = use;
  if (type === 'socketUsed') {
    const isServed = use.isServed || isServing(moment, worker);
    return { ...use, listeners: [...listeners, worker], awaitsClaim: false, isServed };
  }
  const one = moment.before.fleet.workers.find(({ id }) => id === worker);
  // A retired worker closes its servers because it was told to.
  if (type === 'socketOpened' || !one || !isLive(one)) return use;
  const index = listeners.indexOf(worker);
  const left = index === -1 ? listeners : listeners.toSpliced(index, 1);
  // An app that closes its last server does not want to be reached there any more.
  const isOver = left.length === 0 && use.origin === 'adopted';
  return { ...use, listeners: left, isServed: use.isServed && !isOver };
}
