// Redirects `listen()` to the sockets of the master. The tracing channel of `net.Server.listen` passes the server
// before it binds: a server that has a handle then uses that, whatever port, host or path the app names
// (setupListenHandle in Node's lib/net.js; seen in 20, 22, 24 and 26).
import { subscribe } from 'node:diagnostics_channel';
import { closeSync } from 'node:fs';
import type { ListenOptions, Server } from 'node:net';
import type { BoundAddress, SharedSocket, SocketPaths } from '../../src/ipc-protocol.js';
import { findSocket, type NamedTarget, targetOf } from '../../src/sockets/listen-target.js';
import type { ListeningServer, ListeningServers } from './listening-servers.js';
import type { MasterChannel } from './master-channel.js';
import {
  bindPort,
  closeListener,
  type Handle,
  internalsOf,
  wrapDescriptor,
} from './node-internals.js';
import { createSocketRequests } from './socket-requests.js';
import { applyModeTo, bindUnixSocket, restoreUnixSocket } from './unix-listen.js';

/** What the `backlog` of `listen()` is without one. */
const DEFAULT_BACKLOG = 511;

type Socket = SharedSocket & { used?: boolean };

interface ListenMessage {
  readonly server: Server;
  readonly options: ListenOptions;
  readonly error?: NodeJS.ErrnoException;
}

/** The present `listen()` of a server. */
interface ListenCall {
  target: NamedTarget;
  /** The socket of the master on which the server listens, if there is one. */
  socket: Socket | null;
  /** Of `readableAll` and `writableAll`, as uv_pipe_chmod takes it. */
  readonly mode: number;
  /** The master was asked for the socket. */
  requested: boolean;
  /** Id of the socket of the master that cannot be reached any more. */
  replaces?: number;
}

export function redirectListen(
  shared: readonly SharedSocket[],
  channel: MasterChannel,
  servers: ListeningServers,
  isRetiring: () => boolean,
): void {
  let sockets: readonly Socket[] = shared.map((socket) => ({ ...socket }));
  const calls = new WeakMap<Server, ListenCall>();
  const requests = createSocketRequests(channel);
  let callsForAnyPort = 0;

  on('asyncStart', onStart);
  on('asyncEnd', onListening);
  on('error', onError);

  // While any process has the socket open, clients connect into a queue that no server accepts from.
  channel.on('socketClosed', ({ socket: id }) => {
    const socket = sockets.find((one) => one.id === id && !one.used);
    if (!socket) return;
    closeSync(socket.fd);
    sockets = sockets.filter((one) => one !== socket);
  });

  function on(event: string, listener: (message: ListenMessage) => void): void {
    subscribe(`tracing:net.server.listen:${event}`, (message) => {
      try {
        listener(message as ListenMessage);
      } catch (error) {
        const stack = error instanceof Error ? error.stack : undefined;
        channel.send({ type: 'warning', text: `preload: ${stack ?? error}` });
      }
    });
  }

  function onStart({ server, options }: ListenMessage): void {
    calls.delete(server);
    const named = targetOf(options);
    if (!named) return;
    const isAnyPort = 'port' in named && named.port === 0;
    const target = isAnyPort ? { ...named, nth: callsForAnyPort++ } : named;
    const socket = findSocket(sockets, target) ?? null;
    const call: ListenCall = { target, socket, mode: modeOf(options), requested: false };
    calls.set(server, call);
    if (socket) useSocket(server, call, socket);
    else bindPath(server, call, { replace: false });
  }

  function useSocket(server: Server, call: ListenCall, socket: Socket): void {
    socket.used = true;
    if ('fd' in call.target) return;
    const handle = wrapDescriptor(socket.fd);
    if (!restorePath(handle, call, socket)) {
      handle.close();
      call.replaces = socket.id;
      call.socket = null;
      return bindPath(server, call, { replace: false });
    }
    const { backlog } = socket;
    const { listen } = handle;
    if (backlog !== null) handle.listen = () => listen.call(handle, backlog);
    internalsOf(server)._handle = handle;
  }

  /** Ensures that clients find a unix socket. False when no name of it is left. */
  function restorePath(handle: Handle, call: ListenCall, { sparePath }: SharedSocket): boolean {
    const { target } = call;
    if (!('path' in target)) return true;
    applyModeTo(handle, target.path);
    if (sparePath === null) return true;
    const restored = restoreUnixSocket(sparePath, target.path);
    if (restored !== null) call.target = { ...target, sparePath: restored };
    return restored !== null;
  }

  /** Binds a unix socket so that it outlives this process; Node binds anything else, or reports the error. */
  function bindPath(server: Server, call: ListenCall, how: { replace: boolean }): void {
    const { target } = call;
    const bound = 'path' in target ? bindUnixSocket(target.path, how) : null;
    if (!bound || !('path' in target)) return;
    call.target = { ...target, sparePath: bound.sparePath, pid: process.pid };
    internalsOf(server)._handle = bound.handle;
  }

  function onListening({ server }: ListenMessage): void {
    const call = calls.get(server);
    const { _handle: handle } = internalsOf(server);
    if (!call || !handle) return;
    // It would begin to accept in the next turn of the loop, and those clients would be lost.
    if (isRetiring()) return closeListener(server);
    const entry = servers.add(server, call.socket ? call.socket.id : null);
    // Some apps listen only to find out whether a port is free: that is over by then. The handle tells, not the
    // server: node:cluster takes the handle away from it.
    setImmediate(() => handle.fd >= 0 && report(handle, call, entry));
  }

  function report(handle: Handle, call: ListenCall, entry: ListeningServer): void {
    const { target, socket, replaces, requested: sentByMaster } = call;
    entry.reported = true;
    const address = addressOf(handle, target);
    if (socket) {
      const placed = pathsOf(target);
      channel.send({ type: 'listening', socket: socket.id, address, placed, sentByMaster });
    } else if (!('fd' in target)) {
      channel.send({ type: 'opened', key: entry.key, target, address, replaces }, handle);
    }
  }

  /** The address is in use, perhaps by us: another worker has just opened it, or one of its servers has closed it. */
  function onError({ server, error }: ListenMessage): void {
    const call = calls.get(server);
    if (error?.code !== 'EADDRINUSE' || !call || call.requested || !channel.isConnected()) return;
    if ('fd' in call.target) return;
    const internals = internalsOf(server);
    const { _listeningId: id } = internals;
    const release = suppressError(server, error);
    call.requested = true;
    requests.send(call.target, ({ socket, deadFile }, handle) => {
      release();
      if (internals._listeningId !== id || internals._handle) return handle?.close();
      if (handle && socket) {
        call.socket = socket;
        internals._handle = handle;
        restorePath(handle, call, socket);
      } else if ('port' in call.target) {
        // The master does not hold it, or no longer: it may have closed it for this process a moment ago.
        internals._handle = bindPort(call.target.port, call.target.host);
      } else if (deadFile) bindPath(server, call, { replace: true });
      if (call.mode) internals._handle?.fchmod?.(call.mode);
      if (internals._handle) internals._listen2(null, -1, -1, DEFAULT_BACKLOG);
      else server.emit('error', error);
    });
  }
}

/** Keeps this one error from the app until the master has answered. Returns what ends that. */
function suppressError(server: Server, error: Error): () => void {
  const own = Object.getOwnPropertyDescriptor(server, 'emit');
  const { emit } = server;
  server.emit = function (this: Server, name: string, ...args: unknown[]) {
    if (name === 'error' && args[0] === error) return true;
    return Reflect.apply(emit, this, [name, ...args]);
  };
  return () => {
    if (own) Object.defineProperty(server, 'emit', own);
    else Reflect.deleteProperty(server, 'emit');
  };
}

/** Where a unix socket was put, if that may be a new place. */
function pathsOf(target: NamedTarget): SocketPaths | undefined {
  if (!('path' in target) || target.sparePath === undefined) return undefined;
  return { path: target.path, sparePath: target.sparePath };
}

/** What Node would apply itself if its first attempt had succeeded. */
function modeOf({ readableAll, writableAll }: ListenOptions): number {
  return (readableAll === true ? 1 : 0) | (writableAll === true ? 2 : 0);
}

function addressOf(handle: Handle, target: NamedTarget): BoundAddress {
  if ('path' in target) return { path: target.path };
  const out: { address?: string; port?: number } = {};
  handle.getsockname?.(out);
  const { address = '', port } = out;
  return port === undefined ? { path: null } : { host: address, port };
}
