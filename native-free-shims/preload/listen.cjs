'use strict';
// Redirects `listen()` to the sockets of the master. The tracing channel of `net.Server.listen` hands out
// the server before it binds: a server that has a handle then uses it, whatever port, host or path was
// named (setupListenHandle in Node's lib/net.js; seen in 20, 22, 24 and 26).

const { subscribe } = require('node:diagnostics_channel');
const net = require('node:net');
const { match, targetOf } = require('./target.cjs');
const unixPath = require('./unix-path.cjs');

function redirect(wired, channel, servers) {
  const sockets = wired.map((socket) => ({ ...socket, used: false }));
  /** server -> {target, socket} of its present `listen()`. */
  const calls = new WeakMap();
  const asks = createAsks(channel);
  let anyPort = 0;

  subscribe('tracing:net.server.listen:asyncStart', guard(onStart));
  subscribe('tracing:net.server.listen:asyncEnd', guard(onListening));
  subscribe('tracing:net.server.listen:error', guard(onError));

  function onStart({ server, options }) {
    const target = targetOf(options);
    calls.delete(server);
    if (!target) return;
    if (target.port === 0) target.nth = anyPort++;
    const socket = match(sockets, target, target.nth);
    calls.set(server, { target, socket: socket ?? null });
    if (socket) use(server, socket, target);
    else if (target.path !== undefined) bindPath(server, target, { replace: false });
  }

  function use(server, socket, target) {
    socket.used = true;
    if (target.fd !== undefined) return;
    const handle = net._createServerHandle(null, null, null, socket.fd);
    if (typeof handle === 'number') throw new Error(`descriptor ${socket.fd} is no socket`);
    if (target.path !== undefined) unixPath.restore(socket, target.path);
    server._handle = handle;
  }

  function bindPath(server, target, how) {
    const bound = unixPath.bind(target.path, how);
    if (!bound) return false;
    target.spare = bound.spare;
    server._handle = bound.handle;
    return true;
  }

  function onListening({ server }) {
    const call = calls.get(server);
    if (!call || !server._handle) return;
    const { target, socket } = call;
    const key = servers.add(server, socket ? socket.id : null);
    const address = addressOf(server, target);
    if (socket) channel.send({ type: 'listening', socket: socket.id, address });
    else if (target.fd === undefined) {
      channel.send({ type: 'open', key, target, address }, server._handle);
    }
  }

  /** Taken, perhaps by ourselves: another worker opened it a moment ago, or one server closed it. */
  function onError({ server, error }) {
    const call = calls.get(server);
    if (error?.code !== 'EADDRINUSE' || !call || call.socket || !channel.connected) return;
    const { _listeningId: id } = server;
    const release = hold(server, error);
    asks.ask(call.target, ({ socket, stale }, handle) => {
      release();
      if (server._listeningId !== id || server._handle) return handle?.close();
      if (handle) {
        call.socket = socket;
        server._handle = handle;
        if (call.target.path !== undefined) unixPath.restore(socket, call.target.path);
      } else if (!stale || !bindPath(server, call.target, { replace: true })) {
        return server.emit('error', error);
      }
      server._listen2(null, -1, -1, 511);
    });
  }

  function guard(subscriber) {
    return (message) => {
      try {
        subscriber(message);
      } catch (error) {
        channel.send({ type: 'trouble', text: `preload: ${error?.stack ?? error}` });
      }
    };
  }
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
  const answer = (seq, message, handle) => {
    const entry = waiting.get(seq);
    waiting.delete(seq);
    if (!entry) return handle?.close();
    clearTimeout(entry.timer);
    entry.callback(message, handle);
  };
  channel.on('give', (message, handle) => answer(message.seq, message, handle));
  return {
    ask(target, callback) {
      const seq = ++last;
      const timer = setTimeout(() => answer(seq, {}), 5000);
      waiting.set(seq, { callback, timer });
      channel.send({ type: 'want', seq, target });
    },
  };
}

function addressOf(server, target) {
  if (target.path !== undefined) return { path: target.path };
  const out = {};
  server._handle.getsockname?.(out);
  return out.port === undefined ? { path: null } : { host: out.address, port: out.port };
}

module.exports = { redirect };
