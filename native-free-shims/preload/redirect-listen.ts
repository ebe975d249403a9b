// Redirects `listen()` to the sockets of the master. The tracing channel of `net.Server.listen` passes the server
// before it binds: a server that has a handle then uses that, whatever port, host or path the app names
// (setupListenHandle in Node's lib/net.js; seen in 20, 22, 24 and 26).
import { subscribe } from 'node:diagnostics_channel';
import { closeSync } from 'node:fs';
import { type ListenOptions, Server } from 'node:net';
import type { BoundAddress, SharedSocket, SocketPaths } from '../../src/ipc-protocol.js';
import { findSocket, type NamedTarget, targetOf } from '../../src/sockets/listen-target.js';
import type { ListeningServers } from './listening-servers.js';
import type { MasterChannel } from './master-channel.js';
import { closeListener, type Handle, internalsOf, wrapDescriptor } from './node-internals.js';
import { createSocketRequests, type SocketReply } from './socket-requests.js';
import { applyModeTo, bindUnixSocket, restoreUnixSocket } from './unix-listen.js';

type Socket = SharedSocket & { used?: boolean };

/** In the options of a repeated `listen()`: what the master answered when it was asked for the socket. */
const REPLY = Symbol('reply of the master');

interface ListenMessage {
  readonly server: Server;
  readonly options: ListenOptions & { readonly [REPLY]?: SocketReply };
  readonly error?: NodeJS.ErrnoException;
}

/** The present `listen()` of a server. */
interface ListenCall {
  readonly options: ListenOptions;
  target: NamedTarget;
  /** The socket of the master on which the server listens, if there is one. */
  socket: Socket | null;
  /** Null in the first attempt. */
  readonly reply: SocketReply | null;
  /** Id of the socket of the master that cannot be reached any more. */
  replaces?: number;
  /** Id of the socket once the master knows that the server listens on it. */
  reported?: number;
  isClosed?: boolean;
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

  function on(event: string, listener: (message: ListenMessage) => void | Promise<void>): void {
    subscribe(`tracing:net.server.listen:${event}`, async (message) => {
      try {
        await listener(message as ListenMessage);
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
    // A copy, as the app may change its object; Node has added the abort listener of `signal` already.
    const again = { ...options, signal: undefined };
    const reply = options[REPLY] ?? null;
    const call: ListenCall = { options: again, target, socket: null, reply };
    calls.set(server, call);
    const socket = reply?.handle ? reply.socket : findSocket(sockets, target);
    if (socket) useSocket(server, call, socket);
    else bindPath(server, call);
  }

  function useSocket(server: Server, call: ListenCall, socket: Socket): void {
    socket.used = true;
    call.socket = socket;
    if ('fd' in call.target) return;
    const handle = call.reply?.handle ?? wrapDescriptor(socket.fd);
    if (!restorePath(handle, call, socket)) {
      handle.close();
      call.replaces = socket.id;
      call.socket = null;
      return bindPath(server, call);
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
  function bindPath(server: Server, call: ListenCall): void {
    const { target, reply } = call;
    if (!('path' in target)) return;
    const bound = bindUnixSocket(target.path, { replace: reply?.deadFile === true });
    if (!bound) return;
    call.target = { ...target, sparePath: bound.sparePath, pid: process.pid };
    internalsOf(server)._handle = bound.handle;
  }

  function onListening({ server }: ListenMessage): void {
    const call = calls.get(server);
    const { _handle: handle } = internalsOf(server);
    if (!call || !handle) return;
    // It would begin to accept in the next turn of the loop, and those clients would be lost.
    if (isRetiring()) return closeListener(server);
    servers.add(server, () => {
      call.isClosed = true;
      reportClosed(call);
    });
    // Some apps listen only to find out whether a port is free: that is over by then. The handle tells, not the
    // server: node:cluster takes the handle away from it.
    setImmediate(() => handle.fd >= 0 && report(handle, call));
  }

  function report(handle: Handle, call: ListenCall): void {
    const { target, socket, replaces, reply } = call;
    const address = addressOf(handle, target);
    if (socket) {
      const [placed, sentByMaster] = [pathsOf(target), reply !== null];
      call.reported = socket.id;
      channel.send({ type: 'listening', socket: socket.id, address, placed, sentByMaster });
    } else if (!('fd' in target)) {
      requests.adopt({ target, address, replaces }, handle, (id) => {
        call.reported = id;
        reportClosed(call);
      });
    }
  }

  function reportClosed({ isClosed, reported }: ListenCall): void {
    if (isClosed && reported !== undefined) channel.send({ type: 'closed', socket: reported });
  }

  /** The address is in use, perhaps by us: another worker has just opened it, or one of its servers has closed it. */
  async function onError({ server, error }: ListenMessage): Promise<void> {
    const call = calls.get(server);
    if (error?.code !== 'EADDRINUSE' || !call || call.reply || !channel.isConnected()) return;
    if ('fd' in call.target) return;
    const internals = internalsOf(server);
    const { _listeningId: id } = internals;
    const release = suppressError(server, error);
    const reply = await requests.request(call.target);
    release();
    // The app has closed the server meanwhile, or listens with it on something else.
    if (internals._listeningId !== id || internals._handle) return reply.handle?.close();
    try {
      // Without a socket of the master Node tries again: the master may have closed it for this process a moment ago.
      Server.prototype.listen.call(server, { ...call.options, [REPLY]: reply });
    } catch {
      reply.handle?.close();
      // As Node reports it, which is an uncaught exception if the app has no listener.
      process.nextTick(() => server.emit('error', error));
    }
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

function addressOf(handle: Handle, target: NamedTarget): BoundAddress {
  if ('path' in target) return { path: target.path };
  const out: { address?: string; port?: number } = {};
  handle.getsockname?.(out);
  const { address = '', port } = out;
  return port === undefined ? { path: null } : { host: address, port };
}
