// The servers that listen in this process, and on which socket of the master each of them does.
import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import type { MasterChannel } from './master-channel.js';

export interface ListeningServer {
  readonly key: number;
  readonly server: Server;
  /** Id of the master's socket; null until the master has answered with it. */
  socket: number | null;
  /** The sessions of HTTP/2; null for other servers. */
  readonly sessions: ReadonlySet<ServerHttp2Session> | null;
  /** The master knows that the server listens. */
  reported: boolean;
  closed: boolean;
}

export type ListeningServers = ReturnType<typeof createListeningServers>;

export function createListeningServers(channel: MasterChannel) {
  const listening = new Map<Server, ListeningServer>();
  /** By key: those that the master has not answered with the id of a socket yet. */
  const unanswered = new Map<number, ListeningServer>();
  let lastKey = 0;

  channel.on('adopted', ({ key, socket }) => {
    const entry = unanswered.get(key);
    unanswered.delete(key);
    if (!entry) return;
    entry.socket = socket;
    if (entry.closed) reportClosed(entry);
  });

  function reportClosed(entry: ListeningServer): void {
    if (entry.reported && entry.socket !== null)
      channel.send({ type: 'closed', socket: entry.socket });
  }

  return {
    /** Called when `server` listens. The caller sets `reported` when it tells the master. */
    add(server: Server, socket: number | null): ListeningServer {
      lastKey += 1;
      const state = { socket, reported: false, closed: false };
      const entry = { key: lastKey, server, sessions: sessionsOf(server), ...state };
      listening.set(server, entry);
      if (socket === null) unanswered.set(lastKey, entry);
      server.once('close', () => {
        if (listening.get(server) === entry) listening.delete(server);
        if (!entry.reported) unanswered.delete(entry.key);
        entry.closed = true;
        reportClosed(entry);
      });
      return entry;
    },
    list: () => [...listening.values()],
  };
}

/** HTTP/2 sessions live long and must be told to end; not all versions of Node keep a list of them. */
function sessionsOf(server: Server): ReadonlySet<ServerHttp2Session> | null {
  if (!/^Http2/.test(server.constructor?.name ?? '')) return null;
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  return sessions;
}
