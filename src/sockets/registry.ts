// The sockets that the master holds: their descriptors, handles and names. Which of them are held is decided in
// core/sockets.ts; this file carries it out.
import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import type { BoundAddress, ListenTarget, SocketPaths } from '../ipc-protocol.js';
import { isAlive } from '../linux/unix-socket-path.js';
import type { FdStore } from './fd-store.js';
import type { HeldSocket, NewSocket } from './held-socket.js';
import { DEFAULT_BACKLOG } from './listen-spec.js';
import { findSocket } from './listen-target.js';
import { type SocketHandle, wrapDescriptor } from './node-handles.js';
import { inodeOf, namesOf, releasePaths, restorePath } from './socket-files.js';

export type SocketRegistry = ReturnType<typeof createSocketRegistry>;

interface Entry {
  socket: HeldSocket;
  /** For sending the socket to a worker. A given or inherited one has none before the first worker asks. */
  handle: SocketHandle | null;
  /** All names that a unix socket was given: a relative path is another one in each release. */
  readonly names: Set<string>;
}

export function createSocketRegistry() {
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

  const list = (): readonly HeldSocket[] => [...entries.values()].map(({ socket }) => socket);

  return {
    /** Those that a new worker gets, in the order of their descriptors. */
    list,

    find: (id: number) => entries.get(id)?.socket,

    /** Sockets that are held before the first worker starts. */
    hold(sockets: readonly NewSocket[], fdStore: FdStore | null): void {
      store = fdStore;
      for (const socket of sockets) add(socket, null);
    },

    /** Keeps the socket that a worker opened, and hands it to every later worker. */
    adopt: (target: ListenTarget, address: BoundAddress, handle: SocketHandle) =>
      add(adoptedSocket(target, address, handle), handle),

    /** Where clients find a unix socket now. */
    placed(id: number, place: SocketPaths): void {
      const entry = entries.get(id);
      if (!entry) return;
      for (const name of Object.values(place)) entry.names.add(name);
      // A given one is where the command line says.
      if (entry.socket.origin !== 'adopted') return;
      entry.socket = { ...entry.socket, ...place };
      store?.keep(entry.socket);
    },

    /** The socket that a worker asks for, with a handle to send. `deadFile`: no process accepts on the file at the path. */
    async answer(
      target: ListenTarget,
    ): Promise<
      | { readonly socket: HeldSocket; readonly handle: SocketHandle }
      | { readonly deadFile: boolean }
    > {
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

    /** Puts back the names of unix sockets which an exiting server has removed. */
    restorePaths(): void {
      for (const socket of list()) restorePath(socket);
    },

    /** Closes the socket and removes its names; undefined if it is not held any more. */
    giveUp(id: number): HeldSocket | undefined {
      const entry = entries.get(id);
      if (!entry) return undefined;
      store?.forget(entry.socket);
      drop(entry);
      return entry.socket;
    },

    /** At the end of the master: closes all but inherited sockets, and removes the unix paths that are still ours. */
    close(): void {
      for (const entry of [...entries.values()]) {
        if (entry.socket.origin !== 'inherited') drop(entry);
      }
    },
  };
}

function adoptedSocket(
  openedAs: ListenTarget,
  address: BoundAddress,
  handle: SocketHandle,
): NewSocket {
  const where = { host: null, port: null, path: null, ...address };
  return {
    name: nameOf(where),
    origin: 'adopted',
    fd: handle.fd,
    ...where,
    sparePath: 'path' in openedAs ? (openedAs.sparePath ?? null) : null,
    inode: where.path === null ? null : inodeOf(where.path),
    appAddress: null,
    openedAs,
    isPrivate: isPrivate(openedAs),
    storedAs: null,
    backlog: DEFAULT_BACKLOG,
    close: () => handle.close(),
  };
}

function isPrivate(openedAs: ListenTarget): boolean {
  if ('port' in openedAs) return openedAs.port === 0;
  return openedAs.pid !== undefined && openedAs.path.includes(String(openedAs.pid));
}

/** Its port or file name; a ':' would end the name in LISTEN_FDNAMES. */
function nameOf({ port, path }: { port: number | null; path: string | null }): string {
  const name = String(port ?? basename(path ?? 'unknown'));
  return name.replace(/[^!-9;-~]/g, '-').slice(0, 255);
}
