'use strict';
// Makes a response the last one of its connection, and says so to the client.

function closeAfterResponse(response) {
  response.shouldKeepAlive = false;
  // Node obeys a `Connection` header of the app before its own wish, and proxies copy one from upstream.
  const { writeHead } = response;
  response.writeHead = function (...args) {
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

module.exports = { closeAfterResponse };
