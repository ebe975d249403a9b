// The sockets that the master holds: their descriptors, handles and names. Which of them are held is decided in
// core/sockets.ts; this file carries it out.
import { lstatSync } from 'node:fs';
import type { BoundAddress, ListenTarget, SocketPaths } from '../ipc-protocol.js';
import { isAlive } from '../linux/unix-socket-path.js';
import { adoptedSocket } from './adopted-socket.js';
import type { FdStore } from './fd-store.js';
import type { HeldSocket, NewSocket } from './held-socket.js';
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
  hold(sockets: readonly NewSocket[], store: FdStore | null): void;
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

interface Entry {
  socket: HeldSocket;
  /** For sending the socket to a worker. A given or inherited one has none before the first worker asks. */
  handle: SocketHandle | null;
  /** All names that a unix socket was given: a relative path is another one in each release. */
  readonly names: Set<string>;
}

export function createSocketRegistry(): SocketRegistry {
  const entries = new Map<number, Entry>();
  let store: FdStore | null = null;
  let lastId = 0;

  function add(opened: NewSocket, handle: SocketHandle | null): HeldSocket {
    lastId += 1;
    const socket = { ...opened, id: lastId };
    entries.set(lastId, { socket, handle, names: new Set(namesOf(socket)) });
    store?.keep(socket);
    return socket;
  }

  function drop({ socket, names }: Entry): void {
    entries.delete(socket.id);
    socket.close?.();
    // A socket that is kept in systemd's descriptor store keeps its path: the next master will serve on it. After a
    // last stop the path stays behind, as those of socket units do.
    if (!store?.has(socket)) releasePaths(socket, names);
  }

  const list = () => [...entries.values()].map(({ socket }) => socket);

  return {
    list,

    find: (id) => entries.get(id)?.socket,

    hold(sockets, fdStore) {
      store = fdStore;
      for (const socket of sockets) add(socket, null);
    },

    adopt: (target, address, handle) => add(adoptedSocket(target, address, handle), handle),

    placed(id, place) {
      const entry = entries.get(id);
      if (!entry) return;
      for (const name of Object.values(place)) entry.names.add(name);
      // A given one is where the command line says.
      if (entry.socket.origin !== 'adopted') return;
      entry.socket = { ...entry.socket, ...place };
      store?.keep(entry.socket);
    },

    async answer(target) {
      const entry = entries.get(findSocket(list(), target)?.id ?? 0);
      if (entry) {
        entry.handle ??= wrapDescriptor(entry.socket.fd);
        return { socket: entry.socket, handle: entry.handle };
      }
      const path = 'path' in target ? target.path : null;
      const isSocket =
        path !== null && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
      return { deadFile: isSocket && !(await isAlive(path)) };
    },

    restorePaths() {
      for (const socket of list()) restorePath(socket);
    },

    giveUp(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      store?.forget(entry.socket);
      drop(entry);
      return entry.socket;
    },

    close() {
      for (const entry of [...entries.values()]) {
        if (entry.socket.origin !== 'inherited') drop(entry);
      }
    },
  };
}
