// The invariants of the sockets that the master holds: as long as one is of use it is held, and no longer.
import { isDeepStrictEqual } from 'node:util';
import { isLive } from '../../src/core/fleet.js';
import { CLAIM_TIME_MS, type SocketEvent, type SocketUse } from '../../src/core/sockets.js';
import { ensure, has } from './ask.js';
import type { Moment } from './steps.js';

export function checkSockets(moment: Moment): void {
  const { before, after, at, commands, wakeAt, socketsBefore, socketsAfter } = moment;
  const isRunning = after.lifecycle.state === 'running';
  const givenUp = commands.flatMap((one) => (one.type === 'giveUpSocket' ? [one.socket] : []));
  const closes = commands.some(({ type }) => type === 'closeSockets');
  const begins = !isRunning && before.lifecycle.state === 'running';
  ensure(closes === begins, 'all sockets are closed when a stop begins');
  if (!isRunning) {
    const isOver = givenUp.length === 0 && socketsAfter === socketsBefore;
    return ensure(isOver, 'a stop closes all sockets at once');
  }
  const expected = usesAfter(moment);
  const isUseful = (use: SocketUse) =>
    use.origin !== 'adopted' || use.listeners.length > 0 || use.awaitsClaim || use.isServed;
  const kept = expected.filter(isUseful);
  ensure(areEqual(socketsAfter.uses, kept), 'a socket is held as long as it is of use');
  const dropped = expected.filter((use) => !isUseful(use)).map(({ id }) => id);
  ensure(givenUp.join() === dropped.join(), 'a socket that is of no use is given up');
  const { claimUntil } = socketsAfter;
  ensure(
    claimUntil === null || (wakeAt !== null && wakeAt <= claimUntil),
    'a claim is not overslept',
  );
  const due = claimAfter(moment);
  ensure(claimUntil === (due !== null && due > at ? due : null), 'a claim has its time');
}

/** Judged after the step. */
function isServing({ after }: Moment, worker: number): boolean {
  return after.workers.some(({ id, generation }) => id === worker && generation === after.serving);
}

/** Most are not only equal but the same, and that is quickly seen. */
function areEqual(some: readonly SocketUse[], others: readonly SocketUse[]): boolean {
  const isEqual = (use: SocketUse, index: number) =>
    use === others[index] || isDeepStrictEqual(use, others[index]);
  return some.length === others.length && some.every(isEqual);
}

function rollsOut({ notices }: Moment): boolean {
  return has(notices, 'rolledOut');
}

/** The end of the time in which sockets of an earlier master may be claimed, also if it has passed. */
function claimAfter(moment: Moment): number | null {
  const { claimUntil, uses, hasServed } = moment.socketsBefore;
  const isFirst = rollsOut(moment) && !hasServed;
  const isOpen = isFirst && uses.some((use) => use.awaitsClaim && !isClaimed(use, moment));
  return isOpen ? moment.at + CLAIM_TIME_MS : claimUntil;
}

function isClaimed(use: SocketUse, { event }: Moment): boolean {
  return event.type === 'socketUsed' && event.socket === use.id;
}

/** The uses after the event, those that are of no use any more included. */
function usesAfter(moment: Moment): SocketUse[] {
  const { event, at } = moment;
  const { uses } = moment.socketsBefore;
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
  const isOver = claimUntil !== null && claimUntil <= at;
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

function useAfter(use: SocketUse, moment: Moment): SocketUse {
  const { event, after } = moment;
  if (!('worker' in event)) return use;
  const { worker } = event;
  const isGone = after.workers.every(({ id }) => id !== worker);
  const changed = 'socket' in event && event.socket === use.id ? reported(use, event, moment) : use;
  if (!isGone || !changed.listeners.includes(worker)) return changed;
  return { ...changed, listeners: changed.listeners.filter((id) => id !== worker) };
}

function reported(use: SocketUse, { type, worker }: SocketEvent, moment: Moment): SocketUse {
  const { listeners } = use;
  if (type === 'socketUsed') {
    const isServed = use.isServed || isServing(moment, worker);
    return { ...use, listeners: [...listeners, worker], awaitsClaim: false, isServed };
  }
  const one = moment.before.workers.find(({ id }) => id === worker);
  // A retired worker closes its servers because it was told to.
  if (type === 'socketOpened' || !one || !isLive(one)) return use;
  const index = listeners.indexOf(worker);
  const left = index === -1 ? listeners : listeners.toSpliced(index, 1);
  // An app that closes its last server does not want to be reached there any more.
  const isOver = left.length === 0 && use.origin === 'adopted';
  return { ...use, listeners: left, isServed: use.isServed && !isOver };
}
