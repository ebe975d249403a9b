// The servers that listen in this process.
import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';

export interface ListeningServer {
  readonly server: Server;
  /** The sessions of HTTP/2; null for other servers. */
  readonly sessions: ReadonlySet<ServerHttp2Session> | null;
}

export type ListeningServers = ReturnType<typeof createListeningServers>;

export function createListeningServers() {
  const listening = new Set<ListeningServer>();
  return {
    /** Called when `server` listens; it is forgotten when it closes, and `onClose` is called. */
    add(server: Server, onClose: () => void): void {
      const entry = { server, sessions: sessionsOf(server) };
      listening.add(entry);
      server.once('close', () => {
        listening.delete(entry);
        onClose();
      });
    },
    list: () => [...listening],
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
