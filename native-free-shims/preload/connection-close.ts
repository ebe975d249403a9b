// Makes a response the last one of its connection, and tells the client so. In a pipeline that is the response to the
// newest request: Node drops the requests that wait behind a response with `Connection: close`.
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { parserInput, presentResponses } from './node-internals.js';

/** This many connections are closed at once; the others are spread over `spreadMs`. */
const CLOSED_AT_ONCE = 4;

/** The response that closes a connection, unless another request follows. */
const lastResponses = new WeakMap<Socket, ServerResponse>();
/** The number of requests that the present piece of input of a connection has brought so far. */
const inputs = new WeakMap<Socket, { bytesRead: number; requests: number }>();

/**
 * A subscriber of `http.server.request.start`, for requests that have just arrived. Clients that are told to leave
 * come back at once, to a process that was just started: a few are told first, then ever more, and all after `spreadMs`.
 */
export function closeAfterResponses(spreadMs: number): (message: unknown) => void {
  const begin = performance.now();
  let closed = 0;
  const shouldClose = () => {
    const elapsed = performance.now() - begin;
    return closed < CLOSED_AT_ONCE || Math.random() * spreadMs <= elapsed;
  };
  return (message) => {
    const { response, socket } = message as { response: ServerResponse; socket: Socket };
    const before = lastResponses.get(socket);
    if (before && !before.headersSent) before.shouldKeepAlive = true;
    lastResponses.delete(socket);
    if (!response.shouldKeepAlive || hasPipelinedRequest(socket)) return;
    if (!before && !shouldClose()) return;
    closed += 1;
    setConnectionClose(socket, response);
  };
}

/** For the responses that `server` is making. One whose head was sent already is not the last of its connection. */
export function closeAfterPresentResponses(server: Server): void {
  for (const [socket, response] of presentResponses(server))
    if (response.shouldKeepAlive && !response.headersSent) setConnectionClose(socket, response);
}

/**
 * Counts the ends of heads in the input. An end of a head within a body lets the connection live for one more request,
 * which does no harm.
 */
function hasPipelinedRequest(socket: Socket): boolean {
  const input = parserInput(socket);
  if (!input) return false;
  const { bytesRead } = socket;
  const seen = inputs.get(socket);
  const requests = seen?.bytesRead === bytesRead ? seen.requests + 1 : 1;
  inputs.set(socket, { bytesRead, requests });
  return input.toString('latin1').split('\r\n\r\n').length - 1 > requests;
}

function setConnectionClose(socket: Socket, response: ServerResponse): void {
  lastResponses.set(socket, response);
  response.shouldKeepAlive = false;
  // Node prefers a `Connection` header of the app, and proxies copy one from their upstream.
  const { writeHead } = response;
  response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    if (!this.shouldKeepAlive) {
      if (isKeepAlive(this.getHeader('connection'))) this.setHeader('connection', 'close');
      const last = args.at(-1);
      if (last !== null && typeof last === 'object') args[args.length - 1] = withClose(last);
    }
    return Reflect.apply(writeHead, this, args);
  };
}

/** `headers` as `writeHead` takes them: an object, `[name, value, …]`, or `[[name, value], …]`. */
function withClose(headers: object): object {
  if (!Array.isArray(headers)) return Object.fromEntries(Object.entries(headers).map(closing));
  if (Array.isArray(headers[0])) return headers.map(closing);
  return headers.map((value, i) => (i % 2 ? closing([headers[i - 1], value])[1] : value));
}

function closing([name, value]: [string, OutgoingHttpHeader]): [string, OutgoingHttpHeader] {
  const isConnection = String(name).toLowerCase() === 'connection';
  return [name, isConnection && isKeepAlive(value) ? 'close' : value];
}

function isKeepAlive(value: OutgoingHttpHeader | undefined): boolean {
  return value !== undefined && /keep-alive/i.test(String(value));
}
