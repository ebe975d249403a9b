'use strict';
// How a worker leaves: it stops accepting, lets its connections finish, runs the closers of the app.

const net = require('node:net');
const { subscribe } = require('node:diagnostics_channel');
const { closeAfterPresentResponses, closeAfterResponses } = require('./connection-close.cjs');

/** After the death of the master nobody enforces a limit but ourselves. */
const ORPHAN_LIMIT = 500;
/**
 * Milliseconds that a client has to hear the first GOAWAY, if it does not say that it did. Node's client
 * may fall silent over it, and keep requests to itself which it sends elsewhere only after the second one.
 */
const GOAWAY_GRACE = 500;
const READ_AGAIN = 5;
/** Milliseconds over which the connections of clients that ask all the time are ended. */
const SPREAD = 75;

function create(servers) {
  const retiring = [];
  let closer = null;
  let begun = null;

  /** Resolves when the connections and the closers are done. The limit, in milliseconds, is the master's. */
  function retire(limit) {
    begun ??= run(limit);
    return begun;
  }

  async function run(limit) {
    for (const callback of retiring) callback();
    const closing = stopAccepting(servers, Math.min(SPREAD, limit / 2));
    after(limit / 2).then(() => closeIdle(servers));
    // The closers get a part of the time if connections need all of it.
    const enough = closer ? after(limit - Math.min(closer.limit(), limit / 2)) : closing;
    await Promise.race([closing, enough]);
    await closer?.run();
  }

  return {
    retire,
    isRetiring: () => begun !== null,
    leave() {
      retire(ORPHAN_LIMIT).finally(() => process.exit(0));
      setTimeout(() => process.exit(0), ORPHAN_LIMIT);
    },
    /** `callback` runs when the worker is asked to leave; at once if it was already. */
    onRetiring(callback) {
      if (begun) callback();
      else retiring.push(callback);
    },
    /** `{run(): Promise, limit(): milliseconds}`: what the app wants to close after its connections. */
    setCloser(given) {
      closer = given;
    },
  };
}

/**
 * Whoever has not asked for anything by then may do so when there is no time left to answer. Ending the
 * connection while it is silent is the lesser evil.
 */
function closeIdle(servers) {
  for (const { server } of servers.list()) server.closeIdleConnections?.();
}

/** Resolves when the last connection is gone. `spread`: milliseconds until all busy clients are told to leave. */
function stopAccepting(servers, spread) {
  subscribe('http.server.request.start', closeAfterResponses(spread));
  const closing = servers.list().map(closeServer);
  return Promise.all(closing);
}

/**
 * `net.Server.close` and not that of `http.Server`: the latter also resets kept-alive connections at once,
 * on which a client may be sending its next request. They end after their next response instead, or
 * by the keep-alive timeout of the server.
 */
function closeServer({ server, sessions }) {
  // Closed by the app; or node:cluster took its handle away, and then it will never say that it closes.
  if (!server.listening && server._connections === 0) return Promise.resolve();
  const closed = new Promise((resolve) => {
    server.once('close', resolve);
  });
  // Else the app has closed it already, and its connections are what remains.
  if (server.listening) net.Server.prototype.close.call(server);
  closeAgain(server, closed);
  closeAfterPresentResponses(server);
  if (sessions) endSessions(server, sessions);
  return closed;
}

/** The app may close it too, when the stop signal comes: for its callback that must be no error. */
function closeAgain(server, closed) {
  const { close } = server;
  server.close = function (callback) {
    close.call(this);
    if (typeof callback === 'function') closed.then(() => callback());
    return this;
  };
}

function endSessions(server, sessions) {
  for (const session of sessions) endSession(session);
  // Those that were still shaking hands.
  server.on('session', endSession);
}

/**
 * GOAWAY in two steps (RFC 9113, 6.8): first one that refuses no stream, so that the client stops opening
 * them; then the real one, when those that were under way have arrived: before the answer to the ping.
 */
function endSession(session) {
  if (session.destroyed) return;
  session.goaway(0, 2 ** 31 - 1);
  // nghttp2 reads no further once it has said GOAWAY and no stream is open, and requests may be coming.
  const readOn = () => session.destroyed || session.socket._handle?.readStart();
  const reading = setInterval(readOn, READ_AGAIN);
  const timer = setTimeout(close, GOAWAY_GRACE);
  session.ping(close);

  function close() {
    clearInterval(reading);
    clearTimeout(timer);
    session.close();
  }
}

function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)).unref());
}

module.exports = { create };
