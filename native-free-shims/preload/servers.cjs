'use strict';
// The servers that listen in this process, and on which socket of the master each of them does.

function create(channel) {
  /** server -> {key, server, socket: id of the master's socket or null, sessions: of HTTP/2, else null} */
  const listening = new Map();
  let lastKey = 0;

  channel.on('adopted', ({ key, socket }) => {
    for (const entry of listening.values()) if (entry.key === key) entry.socket = socket;
  });

  return {
    /** Called when `server` listens; returns the entry; it is the master's business when `reported`. */
    add(server, socket) {
      lastKey += 1;
      const entry = { key: lastKey, reported: false, server, socket, sessions: sessionsOf(server) };
      listening.set(server, entry);
      server.once('close', () => {
        if (listening.get(server) === entry) listening.delete(server);
        if (entry.reported) channel.send({ type: 'closed', socket: entry.socket });
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
