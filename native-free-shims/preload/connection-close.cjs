'use strict';
// Makes a response the last one of its connection, and says so to the client. In a pipeline that is the
// response to the newest request: Node drops whatever waits behind one that says `close`.

/** So many come back unnoticed. */
const AT_ONCE = 4;

/** socket -> the response that says `close`, unless another request follows. */
const lastOf = new WeakMap();
/** socket -> {bytes, requests}: how many requests its present piece of input has brought so far. */
const inputs = new WeakMap();

/**
 * For requests that have just arrived. Clients that are told come back at once, and to a process that was just
 * started: a few are told at first, then ever more, and after `spread` milliseconds all.
 */
function closeAfterResponses(spread) {
  const began = performance.now();
  let told = 0;
  const mayTell = () => {
    const elapsed = performance.now() - began;
    return told < AT_ONCE || Math.random() * spread <= elapsed;
  };
  return ({ response, socket }) => {
    const before = lastOf.get(socket);
    if (before && !before.headersSent) before.shouldKeepAlive = true;
    lastOf.delete(socket);
    if (!response.shouldKeepAlive || anotherFollows(socket)) return;
    // One that was told hears it with whatever it has sent behind that.
    if (!before && !mayTell()) return;
    told += 1;
    lastOf.set(socket, response);
    sayClose(response);
  };
}

/** For those that arrived before: Node lists the connections of a server, for its timeouts. */
function closeAfterPresentResponses(server) {
  const list = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  for (const { socket, incoming } of server[list]?.all?.() ?? []) {
    const response = socket?._httpMessage;
    if (!response?.shouldKeepAlive || response.headersSent || response.req !== incoming) continue;
    lastOf.set(socket, response);
    sayClose(response);
  }
}

/** By the ends of heads in it. One in a body lets the connection live for another request, no more. */
function anotherFollows(socket) {
  const input = socket.parser?.getCurrentBuffer?.();
  if (!input) return false;
  const seen = inputs.get(socket);
  const requests = seen?.bytes === socket.bytesRead ? seen.requests + 1 : 1;
  inputs.set(socket, { bytes: socket.bytesRead, requests });
  return input.toString('latin1').split('\r\n\r\n').length - 1 > requests;
}

function sayClose(response) {
  response.shouldKeepAlive = false;
  // Node obeys a `Connection` header of the app before its own wish, and proxies copy one from upstream.
  const { writeHead } = response;
  response.writeHead = function (...args) {
    if (this.shouldKeepAlive) return writeHead.apply(this, args);
    if (isKeepAlive(this.getHeader('connection'))) this.setHeader('connection', 'close');
    const last = args.length - 1;
    if (args[last] !== null && typeof args[last] === 'object') args[last] = withClose(args[last]);
    return writeHead.apply(this, args);
  };
}

/** `headers` as `writeHead` takes them: an object, `[name, value, …]`, or `[[name, value], …]`. */
function withClose(headers) {
  if (!Array.isArray(headers)) return Object.fromEntries(Object.entries(headers).map(closing));
  if (Array.isArray(headers[0])) return headers.map(closing);
  return headers.map((value, i) => (i % 2 ? closing([headers[i - 1], value])[1] : value));
}

function closing([name, value]) {
  const isConnection = String(name).toLowerCase() === 'connection';
  return [name, isConnection && isKeepAlive(value) ? 'close' : value];
}

function isKeepAlive(value) {
  return value !== undefined && /keep-alive/i.test(String(value));
}

module.exports = { closeAfterResponses, closeAfterPresentResponses };
