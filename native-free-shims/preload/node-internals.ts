// The only file of the preload that uses what Node does not document. Seen in Node 20, 22, 24 and 26.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import net from 'node:net';

/** The handle of libuv below a listening server (TCP and Pipe in Node's lib/net.js). */
export interface Handle {
  readonly fd: number;
  listen(backlog: number): number;
  getsockname?(out: { address?: string; port?: number }): number;
  fchmod?(mode: number): number;
  close(): void;
}

interface ServerInternals {
  _handle: Handle | null;
  _listeningId?: number;
  _connections: number;
}

const { _createServerHandle } = net as unknown as {
  _createServerHandle(
    address: string | null,
    port: number | null,
    addressType: number | null,
    fd?: number,
  ): Handle | number;
};

export const internalsOf = (server: net.Server) => server as unknown as ServerInternals;

export function wrapDescriptor(fd: number): Handle {
  const handle = _createServerHandle(null, null, null, fd);
  if (typeof handle === 'number') throw new Error(`descriptor ${fd} is not a socket`);
  return handle;
}

/** Null if that is impossible. */
export function bindPipe(path: string): Handle | null {
  const handle = _createServerHandle(path, -1, -1);
  return typeof handle === 'number' ? null : handle;
}

/**
 * `net.Server.close`, not that of `http.Server`, which also resets kept-alive connections at once: a client may be
 * sending its next request on them.
 */
export function closeListener(server: net.Server): void {
  net.Server.prototype.close.call(server);
}

interface HttpConnection {
  readonly socket?: Socket & { readonly _httpMessage?: ServerResponse | null };
  readonly incoming: IncomingMessage;
}

type ConnectionLists = Record<symbol, { all?(): HttpConnection[] } | undefined>;

/** The responses that a server is making, one for each connection. Node lists its connections for their timeouts. */
export function* presentResponses(server: net.Server): Generator<[Socket, ServerResponse]> {
  const list = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const connections = list && (server as unknown as ConnectionLists)[list];
  for (const { socket, incoming } of connections?.all?.() ?? []) {
    const response = socket?._httpMessage;
    if (socket && response && response.req === incoming) yield [socket, response];
  }
}

/** The piece of input that the HTTP parser of this connection works on. */
export function parserInput(socket: Socket): Buffer | undefined {
  const { parser } = socket as { parser?: { getCurrentBuffer?(): Buffer | undefined } | null };
  return parser?.getCurrentBuffer?.();
}

/** Makes a session of HTTP/2 go on reading. */
export function readOn(session: ServerHttp2Session): void {
  (session.socket as { _handle?: { readStart(): void } })._handle?.readStart();
}

/** A process that is about to be started, as the channel `child_process` reports it. */
export interface NewProcess {
  readonly channel?: unknown;
  readonly spawnfile: string;
  spawn(options: { envPairs?: string[] | undefined }): unknown;
}
