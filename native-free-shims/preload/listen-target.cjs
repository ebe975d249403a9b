'use strict';
// What a call of `listen()` names, and which of the master's sockets that is.

const { resolve } = require('node:path');

/**
 * From the options as `net.Server.listen` normalises them: `{fd}`, `{path, named}`, `{port, host}`, or null
 * for something that is no address (a handle, another server, nonsense which Node will refuse).
 */
function targetOf(options) {
  if (options === null || typeof options !== 'object') return null;
  if (options._handle || options.handle || isHandle(options)) return null;
  if (Number.isInteger(options.fd) && options.fd >= 0) return { fd: options.fd };
  const { port, path } = options;
  if (typeof port === 'number' || typeof port === 'string') return tcpTarget(port, options.host);
  if (typeof path === 'string') return pathTarget(path);
  // `listen()`, `listen(undefined)`, `listen(null)` and `listen(callback)` mean any port.
  const isAny = port === undefined || port === null || typeof port === 'function';
  return isAny ? tcpTarget(0, options.host) : null;
}

function isHandle(options) {
  return /^(TCP|Pipe|BoundSocket)$/.test(options.constructor?.name ?? '');
}

/** `named` is what the app wrote; relative, it names the same socket in the directory of each release. */
function pathTarget(named) {
  return { path: named.startsWith('\0') ? named : resolve(named), named };
}

function tcpTarget(port, host) {
  const number = Number(port);
  const valid = Number.isInteger(number) && number >= 0 && number <= 65535;
  return valid ? { port: number, host: host || null } : null;
}

/**
 * The socket which `target` names, or undefined. `nth` counts the calls for port 0 in this process:
 * they have no name but their order.
 */
function match(sockets, target, nth) {
  const free = sockets.filter((socket) => !socket.used);
  if (target.fd !== undefined) return free.find((socket) => socket.fd === target.fd);
  if (target.path !== undefined) return matchPath(free, target);
  return matchPort(free, target, nth);
}

function matchPath(sockets, { path, named }) {
  return (
    sockets.find((socket) => socket.for && [path, named].includes(socket.for.path)) ??
    sockets.find((socket) => !socket.for && socket.path === path) ??
    sockets.find((socket) => socket.asked?.named === named)
  );
}

function matchPort(sockets, { port, host }, nth) {
  const askedFor = sockets.filter((socket) => socket.for?.port === port);
  if (askedFor.length > 0) return sameHostFirst(askedFor, host);
  const tcp = sockets.filter((socket) => !socket.for && socket.port !== null);
  // An adopted socket serves the very call that opened it; the app may have another on that port.
  const adopted = tcp.find(
    ({ asked }) => asked && asked.port === port && asked.host === host && asked.nth === nth,
  );
  if (adopted || port === 0) return adopted;
  return sameHostFirst(
    tcp.filter((socket) => socket.port === port && (!socket.asked || socket.asked.port === 0)),
    host,
  );
}

function sameHostFirst(sockets, host) {
  return sockets.find((socket) => socket.host === host) ?? sockets[0];
}

module.exports = { targetOf, match };
