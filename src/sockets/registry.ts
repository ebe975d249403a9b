// The sockets that the master holds: their descriptors, handles and names. Which of them are held is decided in
// core/sockets.ts; this file carries it out.
import { lstatSync } from 'node:fs';
import type { BoundAddress, ListenTarget, SocketPaths } from '../ipc-protocol.js';
import { isAlive } from '../linux/unix-socket-path.js';
import { adoptedSocket } from './adopted-socket.js';
import type { FdStore } from './fd-store.js';
import type { HeldSocket } from './held-socket.js';
import { findSocket } from './listen-target.js';
import { type SocketHandle, wrapDescriptor } from './node-handles.js';
import { namesOf, releasePaths, restorePath } from './socket-files.js';

/** What to tell a worker that found its address taken. `deadFile`: it is the path of a socket file on which no process accepts. */
export type Answer =
  | { readonly socket: HeldSocket; readonly handle: SocketHandle }
  | { readonly deadFile: boolean };

export interface SocketRegistry {
  /** Those that a new worker gets, in the order of their descriptors. */
  list(): readonly HeldSocket[];
  find(id: number): HeldSocket | undefined;
  /** Sockets that are held before the first worker starts. */
  hold(sockets: readonly HeldSocket[], store: FdStore | null): void;
  /** Keeps the socket that a worker opened, and hands it to every later worker. */
  adopt(target: ListenTarget, address: BoundAddress, handle: SocketHandle): HeldSocket;
  /** Where clients find a unix socket now. */
  placed(id: number, names: SocketPaths): void;
  /** The socket that a worker asks for, with a handle to send. */
  answer(target: ListenTarget): Promise<Answer>;
  /** Puts back the names of unix sockets which an exiting server has removed. */
  restorePaths(): void;
  /** Closes the socket and removes its names; undefined if it is not held any more. */
  giveUp(id: number): HeldSocket | undefined;
  /** At the end of the master: closes all but inherited sockets, and removes the unix paths that are still ours. */
  close(): void;
}

export function createSocketRegistry(): SocketRegistry {
  let held: readonly HeldSocket[] = [];
  let store: FdStore | null = null;
  const handles = new Map<number, SocketHandle>();
  /** All names that unix sockets were given: a relative path is another one in each release. */
  const names = new Map<number, ReadonlySet<string>>();
  let lastId = 0;
  let isClosed = false;

  function drop(socket: HeldSocket): void {
    held = held.filter(({ id }) => id !== socket.id);
    handles.delete(socket.id);
    socket.close?.();
    // A socket that is kept in systemd's descriptor store keeps its path: the next master will serve on it. After a
    // last stop the path stays behind, as those of socket units do.
    if (!store?.has(socket)) releasePaths(socket, names.get(socket.id) ?? new Set());
    names.delete(socket.id);
  }

  function handleOf(socket: HeldSocket): SocketHandle {
    const handle = handles.get(socket.id) ?? wrapDescriptor(socket.fd);
    handles.set(socket.id, handle);
    return handle;
  }

  return {
    list: () => held,

    find: (id) => held.find((socket) => socket.id === id),

    hold(sockets, fdStore) {
      held = [...held, ...sockets];
      lastId = Math.max(lastId, ...sockets.map(({ id }) => id));
      store = fdStore;
      for (const socket of sockets) store?.keep(socket);
    },

    adopt(target, address, handle) {
      lastId += 1;
      const socket = adoptedSocket(lastId, target, address, handle);
      held = [...held, socket];
      handles.set(socket.id, handle);
      store?.keep(socket);
      return socket;
    },

    placed(id, place) {
      const socket = held.find((one) => one.id === id);
      if (!socket) return;
      const known = [...(names.get(id) ?? []), ...namesOf(socket), ...Object.values(place)];
      names.set(id, new Set(known));
      // A given one is where the command line says.
      if (socket.origin !== 'adopted') return;
      const moved = { ...socket, ...place };
      held = held.map((one) => (one.id === id ? moved : one));
      store?.keep(moved);
    },

    async answer(target) {
      const socket = findSocket(held, target);
      if (socket) return { socket, handle: handleOf(socket) };
      const path = 'path' in target ? target.path : null;
      const isSocket =
        path !== null && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
      return { deadFile: isSocket && !(await isAlive(path)) };
    },

    restorePaths() {
      if (!isClosed) for (const socket of held) restorePath(socket);
    },

    giveUp(id) {
      const socket = held.find((one) => one.id === id);
      if (!socket) return undefined;
      store?.forget(socket);
      drop(socket);
      return socket;
    },

    close() {
      isClosed = true;
      for (const socket of held) {
        if (socket.origin !== 'inherited') drop(socket);
      }
    },
  };
}
