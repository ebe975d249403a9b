// Which sockets the master goes on holding: a second reducer beside the one for workers, as pure. A socket from --listen or
// from systemd is held until the end. A socket that a worker opened (adopted) is held as long as it is of use: a worker
// listens on it, or the serving generation did and its replacement will. Held for too long, clients would wait
// in a queue that nobody serves; given up too early, they would be refused.

import type { Milliseconds, WorkerId } from './fleet.js';

export type SocketId = number & { readonly kind?: 'SocketId' };
export type SocketOrigin = 'given' | 'inherited' | 'adopted';

export interface SocketUse {
  readonly id: SocketId;
  readonly origin: SocketOrigin;
  /** No client can know its address (port 0, a path with the pid): no later generation has to listen on it. */
  readonly isPrivate: boolean;
  /** Each worker that listens on it, once for each of its servers. */
  readonly listeners: readonly WorkerId[];
  /** The serving generation listens on it, or did until it crashed. */
  readonly isServed: boolean;
  /** An earlier master left it in systemd's descriptor store, and a worker may still listen on it again. */
  readonly awaitsClaim: boolean;
}

export interface Sockets {
  readonly uses: readonly SocketUse[];
  readonly hasServed: boolean;
  /** Until when unclaimed sockets are kept; null before the first generation serves, and after that time. */
  readonly claimUntil: Milliseconds | null;
}

export type SocketEvent =
  /** A worker opened it; the master holds it now. */
  | {
      readonly type: 'socketOpened';
      readonly worker: WorkerId;
      readonly socket: SocketId;
      readonly isPrivate: boolean;
    }
  /** A worker listens on it, or is about to be handed it. */
  | { readonly type: 'socketUsed'; readonly worker: WorkerId; readonly socket: SocketId }
  /** The app closed its server. */
  | { readonly type: 'socketClosed'; readonly worker: WorkerId; readonly socket: SocketId };

/** What follows for sockets from a step of the fleet. */
type FleetNews =
  | { readonly type: 'workerGone'; readonly worker: WorkerId }
  | { readonly type: 'generationServes' }
  | { readonly type: 'clock' };

export interface SocketStep {
  readonly sockets: Sockets;
  /** Nothing uses these any more: close them, and tell all workers that have them. */
  readonly giveUp: readonly SocketId[];
  readonly wakeAt: Milliseconds | null;
}

/** How long after the first generation serves a worker may take to listen again on what the last master left in the store. */
export const CLAIM_TIME_MS: Milliseconds = 5000;

/** The sockets that are held before any worker runs. */
export function initialSockets(
  held: readonly Pick<SocketUse, 'id' | 'origin' | 'isPrivate'>[],
): Sockets {
  const uses = held.map(({ id, origin, isPrivate }) => ({
    ...{ id, origin, isPrivate, listeners: [], isServed: false },
    awaitsClaim: origin === 'adopted',
  }));
  return { uses, hasServed: false, claimUntil: null };
}

/** Those that a new worker must listen on to be as good as the present ones. */
export function expectedSockets({ uses }: Sockets): readonly SocketUse[] {
  return uses.filter((use) => use.origin !== 'adopted' || (use.isServed && !use.isPrivate));
}

/** `serving`: the workers of the generation that serves, after the step of the fleet. */
export function stepSockets(
  sockets: Sockets,
  event: SocketEvent | FleetNews,
  serving: readonly WorkerId[],
  now: Milliseconds,
): SocketStep {
  const next = apply(sockets, event, serving, now);
  const isOver = next.claimUntil !== null && next.claimUntil <= now;
  const settled: Sockets = isOver
    ? { ...next, claimUntil: null, uses: next.uses.map(stopAwaiting) }
    : next;
  const closed = event.type === 'socketClosed' ? event.socket : null;
  const isUseless = (use: SocketUse) =>
    use.origin === 'adopted' &&
    use.listeners.length === 0 &&
    !use.awaitsClaim &&
    // An app that closes its last server does not want to be reached there, also if it served until now.
    (!use.isServed || use.id === closed);
  const giveUp = settled.uses.filter(isUseless).map(({ id }) => id);
  const uses =
    giveUp.length === 0 ? settled.uses : settled.uses.filter(({ id }) => !giveUp.includes(id));
  return { sockets: { ...settled, uses }, giveUp, wakeAt: settled.claimUntil };
}

function apply(
  sockets: Sockets,
  event: SocketEvent | FleetNews,
  serving: readonly WorkerId[],
  now: Milliseconds,
): Sockets {
  const { uses } = sockets;
  switch (event.type) {
    case 'socketOpened': {
      const { socket: id, isPrivate, worker } = event;
      const isServed = serving.includes(worker);
      const opened = { id, origin: 'adopted', isPrivate, listeners: [worker] } as const;
      return { ...sockets, uses: [...uses, { ...opened, isServed, awaitsClaim: false }] };
    }
    case 'socketUsed':
      return update(sockets, event.socket, (use) => ({
        ...use,
        listeners: [...use.listeners, event.worker],
        awaitsClaim: false,
        // Also later than the rollout: an app with two servers is ready when the first one listens.
        isServed: use.isServed || serving.includes(event.worker),
      }));
    case 'socketClosed':
      return update(sockets, event.socket, (use) => ({
        ...use,
        listeners: withoutOne(use.listeners, event.worker),
      }));
    case 'workerGone':
      return {
        ...sockets,
        uses: uses.map((use) => ({
          ...use,
          listeners: use.listeners.filter((worker) => worker !== event.worker),
        })),
      };
    case 'generationServes':
      return {
        hasServed: true,
        claimUntil:
          !sockets.hasServed && uses.some((use) => use.awaitsClaim)
            ? now + CLAIM_TIME_MS
            : sockets.claimUntil,
        uses: uses.map((use) => ({
          ...use,
          isServed: use.listeners.some((worker) => serving.includes(worker)),
        })),
      };
    case 'clock':
      return sockets;
  }
}

function update(sockets: Sockets, id: SocketId, change: (use: SocketUse) => SocketUse): Sockets {
  return { ...sockets, uses: sockets.uses.map((use) => (use.id === id ? change(use) : use)) };
}

/** A worker with several servers on a socket is in the list once for each. */
function withoutOne(workers: readonly WorkerId[], worker: WorkerId): readonly WorkerId[] {
  const index = workers.indexOf(worker);
  return index === -1 ? workers : workers.toSpliced(index, 1);
}

function stopAwaiting(use: SocketUse): SocketUse {
  return use.awaitsClaim ? { ...use, awaitsClaim: false } : use;
}
