'use strict';
// How a worker leaves: it stops accepting, lets its connections finish, runs the closers of the app.

const net = require('node:net');
const { subscribe } = require('node:diagnostics_channel');
const { closeAfterResponse } = require('./last-response.cjs');

/** After the death of the master nobody enforces a limit but ourselves. */
const ORPHAN_LIMIT = 500;
/** Milliseconds that a client has to hear the first GOAWAY. */
const GOAWAY_GRACE = 200;

function create(servers) {
  const retiring = [];
  let closer = null;
  let begun = null;

  /** Resolves when the connections and the closers are done, or `limit` milliseconds are nearly over. */
  function retire(limit) {
    begun ??= run(limit);
    return begun;
  }

  async function run(limit) {
    for (const callback of retiring) callback();
    // The closers get a part of the time if connections need all of it.
    const reserve = closer ? Math.min(closer.limit(), limit / 2) : 0;
    await Promise.race([stopAccepting(servers), after(limit - reserve)]);
    await closer?.run();
  }

  return {
    retire,
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

/** Resolves when the last connection is gone. */
function stopAccepting(servers) {
  subscribe('http.server.request.start', ({ response }) => closeAfterResponse(response));
  const closing = servers.list().map(closeServer);
  return Promise.all(closing);
}

/**
 * `net.Server.close` and not that of `http.Server`: the latter also resets kept-alive connections at once,
 * on which a client may be sending its next request. They end after their next response instead, or
 * by the keep-alive timeout of the server.
 */
function closeServer({ server, sessions }) {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    net.Server.prototype.close.call(server, resolve);
    for (const session of sessions) endSession(session);
  });
}

/**
 * GOAWAY in two steps (RFC 9113, 6.8): first one that refuses no stream, so that the client stops opening
 * them; then the real one, when those that were under way have arrived.
 */
function endSession(session) {
  if (session.destroyed) return;
  session.goaway(0, 2 ** 31 - 1);
  setTimeout(() => session.close(), GOAWAY_GRACE);
}

function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)).unref());
}

module.exports = { create };
