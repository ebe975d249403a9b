'use strict';
// The servers that listen in this process, and on which socket of the master each of them does.

function create(channel) {
  /** server -> {key, server, socket: id of the master's socket or null, sessions: of HTTP/2, else null} */
  const listening = new Map();
  /** key -> entry: those to which the master has not given a socket yet. */
  const unnamed = new Map();
  let lastKey = 0;

  channel.on('adopted', ({ key, socket }) => {
    const entry = unnamed.get(key);
    unnamed.delete(key);
    if (!entry) return;
    entry.socket = socket;
    if (entry.closed) sayClosed(entry);
  });

  /** Later, when the master has not said yet which socket that is. */
  function sayClosed(entry) {
    entry.closed = true;
    if (entry.reported && entry.socket !== null) {
      channel.send({ type: 'closed', socket: entry.socket });
    }
  }

  return {
    /** Called when `server` listens; returns the entry; it is the master's business when `reported`. */
    add(server, socket) {
      lastKey += 1;
      const sessions = sessionsOf(server);
      const entry = { key: lastKey, reported: false, closed: false, server, socket, sessions };
      listening.set(server, entry);
      if (socket === null) unnamed.set(lastKey, entry);
      server.once('close', () => {
        if (listening.get(server) === entry) listening.delete(server);
        if (!entry.reported) unnamed.delete(entry.key);
        sayClosed(entry);
      });
      return entry;
    },

    list: () => [...listening.values()],
  };
}

/** HTTP/2 sessions live long and must be told to go; Node keeps no list of them that all versions have. */
function sessionsOf(server) {
  if (!/^Http2/.test(server.constructor?.name ?? '')) return null;
  const sessions = new Set();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return sessions;
}

module.exports = { create };
