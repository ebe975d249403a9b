'use strict';
// Redirects `listen()` to the sockets of the master. The tracing channel of `net.Server.listen` hands out
// the server before it binds: a server that has a handle then uses it, whatever port, host or path was
// named (setupListenHandle in Node's lib/net.js; seen in 20, 22, 24 and 26).

const { subscribe } = require('node:diagnostics_channel');
const { closeSync } = require('node:fs');
const net = require('node:net');
const { match, targetOf } = require('./listen-target.cjs');
const unixPath = require('./unix-listen.cjs');

function redirect(wired, channel, servers, isRetiring) {
  const sockets = wired.map((socket) => ({ ...socket, used: false }));
  /** server -> {target, socket} of its present `listen()`. */
  const calls = new WeakMap();
  const asks = createAsks(channel);
  let anyPort = 0;

  subscribe('tracing:net.server.listen:asyncStart', guard(onStart));
  subscribe('tracing:net.server.listen:asyncEnd', guard(onListening));
  subscribe('tracing:net.server.listen:error', guard(onError));

  // As long as anybody has it, clients would be let in and wait there for ever.
  channel.on('socketClosed', ({ socket }) => {
    const at = sockets.findIndex((one) => one.id === socket && !one.used);
    if (at === -1) return;
    closeSync(sockets[at].fd);
    sockets.splice(at, 1);
  });

  function onStart({ server, options }) {
    const target = targetOf(options);
    calls.delete(server);
    if (!target) return;
    if (target.port === 0) target.nth = anyPort++;
    const socket = match(sockets, target, target.nth);
    const call = { target, socket: socket ?? null, mode: modeOf(options) };
    calls.set(server, call);
    if (socket) use(server, call);
    else if (target.path !== undefined) bindPath(server, target, { replace: false });
  }

  function use(server, call) {
    const { socket, target } = call;
    socket.used = true;
    if (target.fd !== undefined) return;
    const handle = net._createServerHandle(null, null, null, socket.fd);
    if (typeof handle === 'number') throw new Error(`descriptor ${socket.fd} is no socket`);
    const { listen } = handle;
    if (!place(handle, call)) {
      handle.close();
      call.replaces = socket.id;
      call.socket = null;
      bindPath(server, target, { replace: false });
      return;
    }
    if (socket.backlog !== null) handle.listen = () => listen.call(handle, socket.backlog);
    server._handle = handle;
  }

  /** Sees to it that clients find a unix socket. False when that cannot be done any more. */
  function place(handle, { socket, target }) {
    if (target.path === undefined) return true;
    unixPath.permit(handle, target.path);
    if (!socket.spare) return true;
    target.spare = unixPath.restore(socket.spare, target.path);
    return target.spare !== null;
  }

  function bindPath(server, target, how) {
    const bound = unixPath.bind(target.path, how);
    if (!bound) return false;
    Object.assign(target, { spare: bound.spare, pid: process.pid });
    server._handle = bound.handle;
    return true;
  }

  function onListening({ server }) {
    const call = calls.get(server);
    if (!call || !server._handle) return;
    // Accepting would begin with the next turn of the loop: whoever has to leave takes nobody along.
    if (isRetiring()) return net.Server.prototype.close.call(server);
    const { socket } = call;
    const entry = servers.add(server, socket ? socket.id : null);
    const { _handle: handle } = server;
    // Some listen only to find out whether a port is free: that proves nothing, and is over by then. Not by
    // the server: node:cluster takes the handle away from it.
    setImmediate(() => handle.fd >= 0 && report(handle, call, entry));
  }

  function report(handle, { target, socket, replaces, asked }, entry) {
    entry.reported = true;
    const address = addressOf(handle, target);
    if (socket) {
      const placed = placeOf(target);
      channel.send({
        type: 'listening',
        socket: socket.id,
        address,
        placed,
        sentByMaster: asked === true,
      });
    } else if (target.fd === undefined) {
      channel.send({ type: 'opened', key: entry.key, target, address, replaces }, handle);
    }
  }

  /** Taken, perhaps by ourselves: another worker opened it a moment ago, or one server closed it. */
  function onError({ server, error }) {
    const call = calls.get(server);
    if (error?.code !== 'EADDRINUSE' || !call || call.asked || !channel.connected) return;
    const { _listeningId: id } = server;
    const release = hold(server, error);
    call.asked = true;
    asks.ask(call.target, ({ socket, deadFile }, handle) => {
      release();
      if (server._listeningId !== id || server._handle) return handle?.close();
      if (handle) {
        call.socket = socket;
        server._handle = handle;
        place(handle, call);
      } else if (call.target.path === undefined) {
        // Not the master's, or not any more: it may have given it up for this very process a moment ago.
        server._handle = bindPort(call.target);
      } else if (deadFile) bindPath(server, call.target, { replace: true });
      if (call.mode) server._handle?.fchmod?.(call.mode);
      if (server._handle) server._listen2(null, -1, -1, 511);
      else server.emit('error', error);
    });
  }

  function guard(subscriber) {
    return (message) => {
      try {
        subscriber(message);
      } catch (error) {
        channel.send({ type: 'warning', text: `preload: ${error?.stack ?? error}` });
      }
    };
  }
}

/** As Node does it, without an address: dual stack where there is IPv6. Null when that is impossible. */
function bindPort({ port, host }) {
  const hosts = host === null ? ['::', '0.0.0.0'] : [host];
  for (const one of hosts) {
    const family = net.isIP(one);
    const handle = family === 0 ? null : net._createServerHandle(one, port, family);
    if (!handle || typeof handle === 'number') continue;
    // libuv puts EADDRINUSE off until somebody asks.
    if (handle.getsockname({}) === 0) return handle;
    handle.close();
  }
  return null;
}

/** Keeps this one error from the app until the master has said whether it is one. */
function hold(server, error) {
  const own = Object.getOwnPropertyDescriptor(server, 'emit');
  const { emit } = server;
  server.emit = function (name, ...args) {
    if (name === 'error' && args[0] === error) return true;
    return emit.call(this, name, ...args);
  };
  return () => {
    if (own) Object.defineProperty(server, 'emit', own);
    else delete server.emit;
  };
}

/** Questions to the master, each answered exactly once: by it, or with `{}` when it is gone or silent. */
function createAsks(channel) {
  const waiting = new Map();
  let last = 0;
  const answer = (requestId, message, handle) => {
    const entry = waiting.get(requestId);
    waiting.delete(requestId);
    if (!entry) return handle?.close();
    clearTimeout(entry.timer);
    entry.callback(message, handle);
  };
  channel.on('socketReply', (message, handle) => answer(message.requestId, message, handle));
  return {
    ask(target, callback) {
      const requestId = ++last;
      const timer = setTimeout(() => answer(requestId, {}), 5000);
      waiting.set(requestId, { callback, timer });
      channel.send({ type: 'requestSocket', requestId, target });
    },
  };
}

/** Where a unix socket was put, if that may be somewhere new. */
function placeOf({ path, spare }) {
  return spare ? { path, spare } : undefined;
}

/** What Node would apply itself, had the first attempt succeeded. */
function modeOf({ readableAll, writableAll }) {
  return (readableAll === true ? 1 : 0) | (writableAll === true ? 2 : 0);
}

function addressOf(handle, target) {
  if (target.path !== undefined) return { path: target.path };
  const out = {};
  handle.getsockname?.(out);
  return out.port === undefined ? { path: null } : { host: out.address, port: out.port };
}

module.exports = { redirect };
