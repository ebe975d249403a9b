// How a worker drains: it stops accepting, lets its connections finish, and runs the closers of the app.
import { subscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import type { Closers } from './closers.js';
import { closeAfterPresentResponses, closeAfterResponses } from './connection-close.js';
import type { ListeningServer, ListeningServers } from './listening-servers.js';
import { closeListener, internalsOf, readOn } from './node-internals.js';

/** The drain time after the death of the master, which is not there to enforce a longer one. */
const ORPHAN_LIMIT_MS = 500;
/** Time over which the connections of clients that send requests without a pause are ended. */
const SPREAD_MS = 75;
/**
 * Time for a client to receive the first GOAWAY, if it does not answer the ping. Node's own client may send nothing
 * after the first one, and keep requests that it sends elsewhere only after the second one.
 */
const GOAWAY_GRACE_MS = 500;
const READ_AGAIN_MS = 5;

export function createDrain(servers: ListeningServers, closers: Closers) {
  const callbacks: (() => void)[] = [];
  let draining: Promise<void> | null = null;

  /** Resolves when the connections and the closers are done. The master enforces `limitMs`. */
  function retire(limitMs: number): Promise<void> {
    draining ??= run(limitMs);
    return draining;
  }

  async function run(limitMs: number): Promise<void> {
    for (const callback of callbacks) callback();
    subscribe('http.server.request.start', closeAfterResponses(Math.min(SPREAD_MS, limitMs / 2)));
    const closing = Promise.all(servers.list().map(closeServer));
    void after(limitMs / 2).then(() => closeIdleConnections(servers.list()));
    // The closers get a part of the time if the connections need all of it.
    const reservedMs = Math.min(closers.totalTimeoutMs(), limitMs / 2);
    await (reservedMs > 0 ? Promise.race([closing, after(limitMs - reservedMs)]) : closing);
    await closers.run();
  }

  return {
    retire,
    isRetiring: () => draining !== null,
    /** Drains briefly, and ends the process. */
    exitSoon(): void {
      const exit = () => process.exit(0);
      void retire(ORPHAN_LIMIT_MS).finally(exit);
      setTimeout(exit, ORPHAN_LIMIT_MS);
    },
    /** `callback` runs when the worker is asked to retire; at once if it was already. */
    onRetiring(callback: () => void): void {
      if (draining) callback();
      else callbacks.push(callback);
    },
  };
}

/**
 * A client that has not sent a request by then may send it when no time is left to answer. It is better to end the
 * connection while it is silent.
 */
function closeIdleConnections(servers: readonly ListeningServer[]): void {
  for (const { server } of servers) {
    (server as { closeIdleConnections?(): void }).closeIdleConnections?.();
  }
}

/**
 * Stops accepting, and resolves when the last connection has ended. Connections that are kept alive end after their next
 * response, or by the keep-alive timeout of the server.
 */
function closeServer({ server, sessions }: ListeningServer): Promise<void> {
  // Closed by the app; or node:cluster took its handle away, so that it will never emit `close`.
  if (!server.listening && internalsOf(server)._connections === 0) return Promise.resolve();
  const closed = new Promise<void>((resolve) => {
    server.once('close', resolve);
  });
  // If it does not listen, the app has closed it already, and only its connections remain.
  if (server.listening) closeListener(server);
  allowCloseAgain(server, closed);
  closeAfterPresentResponses(server);
  for (const session of sessions ?? []) endSession(session);
  // Those whose handshake was still under way.
  if (sessions) server.on('session', endSession);
  return closed;
}

/** The app may close it too, after the stop signal: its callback must not get an error. */
function allowCloseAgain(server: Server, closed: Promise<void>): void {
  const { close } = server;
  server.close = function (this: Server, callback) {
    close.call(this);
    if (typeof callback === 'function') void closed.then(() => callback());
    return this;
  };
}

/**
 * GOAWAY in two steps (RFC 9113, 6.8): the first one refuses no stream, and the client stops opening streams; the real
 * one follows when those that were under way have arrived, which is before the answer to the ping.
 */
function endSession(session: ServerHttp2Session): void {
  if (session.destroyed) return;
  session.goaway(0, 2 ** 31 - 1);
  // nghttp2 stops reading once it has sent GOAWAY and no stream is open, and requests may be under way.
  const reading = setInterval(() => session.destroyed || readOn(session), READ_AGAIN_MS);
  const timer = setTimeout(close, GOAWAY_GRACE_MS);
  session.ping(close);

  function close(): void {
    clearInterval(reading);
    clearTimeout(timer);
    session.close();
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)).unref());
}
