// The sockets that the master holds, who listens on which, and when one may go.
import { lstatSync } from 'node:fs';
import type { BoundAddress, ListenTarget, SocketPaths } from '../ipc-protocol.js';
import { isAlive } from '../linux/unix-socket-path.js';
import { adoptedSocket, isPrivate } from './adopted-socket.js';
import type { HeldSocket } from './held-socket.js';
import { findSocket } from './listen-target.js';
import { type SocketHandle, wrapDescriptor } from './node-handles.js';
import { namesOf, releasePaths, restorePath } from './socket-files.js';

/** What to tell a worker that found its address taken. */
export type Answer =
  | { readonly socket: HeldSocket; readonly handle: SocketHandle }
  | { readonly deadFile: boolean };

export interface Sockets {
  /** Those that a new worker gets, in the order of their descriptors. */
  list(): readonly HeldSocket[];
  /** Those that a new worker must listen on to be as good as the present ones. */
  expected(): readonly HeldSocket[];
  /** Keeps the socket that a worker opened, and hands it to every later worker. */
  adopt(
    worker: number,
    target: ListenTarget,
    address: BoundAddress,
    handle: SocketHandle,
  ): HeldSocket;
  /** The worker is about to get it, and must not lose it on the way. */
  lend(worker: number, socket: number): void;
  /** `placed`: where clients find it now, if it is a unix socket. `sentByMaster`: see there. */
  listening(
    worker: number,
    socket: number,
    how?: { placed?: SocketPaths | undefined; sentByMaster?: boolean },
  ): void;
  /** The app closed its server; an adopted socket that nobody else uses is given up. */
  closed(worker: number, socket: number): HeldSocket | null;
  /**
   * These workers serve now: what they listen on is what the next generation has to listen on, and is kept
   * when they crash. Returns what was given up because of that.
   */
  rolledOut(workers: readonly number[]): readonly HeldSocket[];
  /** The worker is gone. Returns what was given up: adopted, used by nobody else, and not served. */
  left(worker: number): readonly HeldSocket[];
  /**
   * Long enough after the start: gives up, and returns, what an earlier master left in the store and nobody
   * has listened on since. Not when the first worker is ready: it is so with the first of its servers.
   */
  stopWaiting(): readonly HeldSocket[];
  answer(target: ListenTarget): Promise<Answer>;
  /** At the final stop: closes all, and removes the unix paths that are still ours. */
  close(): void;
}

/** A place where sockets outlive the master. */
export interface Shelter {
  /** Puts it in, or gives it its present name there. */
  keep(socket: HeldSocket): void;
  /** Takes it out: nobody wants it any more. */
  forget(socket: HeldSocket): void;
  has(socket: HeldSocket): boolean;
}

const NO_SHELTER: Shelter = { keep() {}, forget() {}, has: () => false };

export function createSockets(
  initial: readonly HeldSocket[],
  shelter: Shelter = NO_SHELTER,
): Sockets {
  let held = [...initial];
  /** socket -> worker -> servers on it. */
  const users = new Map<number, Map<number, number>>();
  /** The workers that were rolled out last, and the sockets on which they listen. */
  let serving: ReadonlySet<number> = new Set();
  const served = new Set<number>();
  const handles = new Map<number, SocketHandle>();
  /** All names that unix sockets were given: a relative path is another one in each release. */
  const names = new Map<number, Set<string>>();
  let lastId = initial.length;
  let closed = false;

  /** Adopted by an earlier master, and nobody of ours has listened on it yet. */
  const awaited = new Set(initial.filter((one) => one.origin === 'adopted').map(({ id }) => id));

  for (const socket of initial) shelter.keep(socket);

  const usersOf = (socket: number): Map<number, number> => {
    const known = users.get(socket) ?? new Map<number, number>();
    users.set(socket, known);
    return known;
  };

  // Also later: an app with two servers is ready, and may be rolled out, when the first one listens.
  const use = (worker: number, socket: number): void => {
    usersOf(socket).set(worker, (usersOf(socket).get(worker) ?? 0) + 1);
    awaited.delete(socket);
    if (serving.has(worker)) served.add(socket);
  };

  function drop(socket: HeldSocket): void {
    held = held.filter((one) => one !== socket);
    users.delete(socket.id);
    served.delete(socket.id);
    handles.delete(socket.id);
    socket.close?.();
    // Only at the end of the master is one closed that is still in there: the next master serves on it, and
    // its path must lead to it. After a last stop the path stays behind, as those of socket units do.
    if (shelter.has(socket)) return;
    releasePaths(socket, names.get(socket.id) ?? new Set());
    names.delete(socket.id);
  }

  function dropUnused(): HeldSocket[] {
    return giveUp(
      held.filter(
        ({ origin, id }) =>
          origin === 'adopted' && usersOf(id).size === 0 && !served.has(id) && !awaited.has(id),
      ),
    );
  }

  function giveUp(unused: HeldSocket[]): HeldSocket[] {
    for (const socket of unused) {
      shelter.forget(socket);
      drop(socket);
    }
    return unused;
  }

  function handleOf(socket: HeldSocket): SocketHandle {
    const handle = handles.get(socket.id) ?? wrapDescriptor(socket.fd);
    handles.set(socket.id, handle);
    return handle;
  }

  return {
    list: () => held,

    expected: () =>
      held.filter(({ id, origin, openedAs }) => {
        if (origin !== 'adopted') return true;
        return served.has(id) && !isPrivate(openedAs);
      }),

    adopt(worker, target, address, handle) {
      lastId += 1;
      const socket = adoptedSocket(lastId, target, address, handle);
      held.push(socket);
      handles.set(socket.id, handle);
      use(worker, socket.id);
      shelter.keep(socket);
      return socket;
    },

    lend: use,

    listening(worker, id, { placed, sentByMaster = false } = {}) {
      if (!sentByMaster) use(worker, id);
      const socket = held.find((one) => one.id === id);
      if (!placed || !socket) return;
      names.set(
        id,
        new Set([...(names.get(id) ?? []), ...namesOf(socket), ...Object.values(placed)]),
      );
      // A given one is where the command line says.
      if (socket.origin !== 'adopted') return;
      const moved = { ...socket, ...placed };
      held = held.map((one) => (one === socket ? moved : one));
      shelter.keep(moved);
    },

    closed(worker, id) {
      const servers = (usersOf(id).get(worker) ?? 1) - 1;
      if (servers > 0) usersOf(id).set(worker, servers);
      else usersOf(id).delete(worker);
      const socket = held.find((one) => one.id === id);
      if (socket?.origin !== 'adopted' || usersOf(id).size > 0) return null;
      shelter.forget(socket);
      drop(socket);
      return socket;
    },

    rolledOut(workers) {
      serving = new Set(workers);
      served.clear();
      for (const [socket, set] of users)
        if (workers.some((one) => set.has(one))) served.add(socket);
      return dropUnused();
    },

    left(worker) {
      for (const set of users.values()) set.delete(worker);
      if (!closed) for (const socket of held) restorePath(socket);
      return dropUnused();
    },

    stopWaiting() {
      const unused = held.filter(({ id }) => awaited.has(id));
      awaited.clear();
      return giveUp(unused);
    },

    async answer(target) {
      const socket = findSocket(held, target);
      if (socket) return { socket, handle: handleOf(socket) };
      const path = 'path' in target ? target.path : null;
      const isSocket =
        path !== null && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
      return { deadFile: isSocket && !(await isAlive(path)) };
    },

    close() {
      closed = true;
      for (const socket of held) {
        if (socket.origin !== 'inherited') drop(socket);
      }
    },
  };
}
