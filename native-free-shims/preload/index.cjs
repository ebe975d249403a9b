'use strict';
// The preload: runs inside the user's process, before its code, on whatever Node that is. It makes an
// unmodified server use the sockets of the master, and leave without a connection being lost.
// Plain CommonJS without dependency; the build only puts it into one file. Until the worker is retired
// it does nothing per connection and nothing per request.

const { existsSync, readFileSync } = require('node:fs');

/** Milliseconds. */
const NOTIFY_LIMIT = 500;

if (process.env.GRACEFUL_RUN_WIRE && isMainThread()) {
  const wire = takeWire(process.env);
  // Only the process that the master started: its children have sockets and lives of their own.
  standInForShim(wire, process.env);
  if (process.env.LISTEN_PID === String(process.pid)) start(wire);
  else tellIndirect();
}

/** Only the main thread has the channel, and the library that knows for sure takes a millisecond to load. */
function isMainThread() {
  return process.connected === true || require('node:worker_threads').isMainThread;
}

/** Reads what the master says, and leaves the environment as the user made it. */
function takeWire(env) {
  const wire = JSON.parse(env.GRACEFUL_RUN_WIRE);
  delete env.GRACEFUL_RUN_WIRE;
  // A script may have put something before it.
  const users = (env.NODE_OPTIONS ?? '').replace(`${wire.nodeOptions} `, '');
  env.NODE_OPTIONS = users.replace(wire.nodeOptions, '');
  if (env.NODE_OPTIONS === '') delete env.NODE_OPTIONS;
  return wire;
}

/**
 * What the exec shim does for other programs; it would cost each boot of a Node a millisecond. Sets LISTEN_PID, and
 * leaves if the master died before we got here.
 */
function standInForShim({ master }, env) {
  if (env.LISTEN_PID !== undefined) return;
  if (process.ppid === master) env.LISTEN_PID = String(process.pid);
  else if (!isDescendantOf(master)) process.exit(0);
}

/** Never of a dead one, be it a zombie: its children have another parent by then. */
function isDescendantOf(ancestor) {
  try {
    for (let pid = process.ppid; pid > 0; ) {
      if (pid === ancestor) return true;
      // The name in parentheses may contain anything; behind it are state and parent, proc(5).
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
    return false;
  } catch {
    // Nobody can know, and who is wrongly sent away serves nobody.
    return true;
  }
}

function start(wire) {
  const channel = require('./master-channel.cjs').open(wire.master);
  channel.send({ type: 'started', version: process.version, script: process.argv[1] ?? null });
  if (wire.sourceMaps) process.setSourceMapsEnabled(true);
  if (wire.inspect) require('./debugger.cjs').open(channel);
  reportExceptions(channel);
  ignoreSignals(wire.ignoredSignals);
  awaitNotifySocket(process.env, channel);
  if (process.env.WATCH_REPORT_DEPENDENCIES) arrangeReports(channel);
  if (wire.watchdog > 0) feedWatchdog(channel, wire.watchdog);

  const servers = require('./listening-servers.cjs').create(channel);
  const drain = require('./drain.cjs').create(servers);
  require('./redirect-listen.cjs').redirect(wire.sockets, channel, servers, drain.isRetiring);

  channel.on('retire', async ({ limitMs }) => {
    // Without its servers Node would leave at once, and the app never get the stop signal it waits for.
    channel.hold();
    await drain.retire(limitMs);
    channel.send({ type: 'drained' });
  });
  channel.onOrphaned(() => drain.leave());

  // What `graceful-run/worker` builds on; a symbol, so that any copy of that library finds it.
  globalThis[Symbol.for('graceful-run.worker')] = {
    // After what redirect-listen.cjs has to report: an app may call ready() in the very moment in which it listens.
    send: (message) => void setImmediate(() => channel.send(message)),
    onRetiring: drain.onRetiring,
    setCloser: drain.setCloser,
  };
}

/** Node sets what its parent ignored back to the default, which is to end. A handler of the app goes before. */
function ignoreSignals(signals) {
  for (const signal of signals) process.on(signal, () => {});
}

/**
 * The master has it bound while this Node starts, and is nearly always first. Whoever speaks before there is an ear
 * would not be heard; without one there is nobody to speak to.
 */
function awaitNotifySocket(env, channel) {
  const path = env.NOTIFY_SOCKET;
  if (path === undefined || existsSync(path)) return;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  const limit = performance.now() + NOTIFY_LIMIT;
  while (performance.now() < limit) {
    Atomics.wait(nothing, 0, 0, 1);
    if (existsSync(path)) return;
  }
  delete env.NOTIFY_SOCKET;
  const text = `has no NOTIFY_SOCKET: it was not bound within ${NOTIFY_LIMIT}ms`;
  channel.send({ type: 'warning', text });
}

function arrangeReports(channel) {
  const { thinOut, hideFromChildren } = require('./module-reports.cjs');
  thinOut();
  hideFromChildren(() => channel.send({ type: 'startsProcesses' }));
}

/** A loop that does not turn sends nothing. */
function feedWatchdog(channel, limit) {
  const feed = () => channel.send({ type: 'heartbeat' });
  // At once, too: the master then knows that this one is able to.
  feed();
  setInterval(feed, limit / 2).unref();
}

/** The exception that ends the process, for the verdict of a reload. It alters nothing. */
function reportExceptions(channel) {
  process.on('uncaughtExceptionMonitor', (error) => {
    channel.send({ type: 'exception', text: textOf(error) });
  });
}

function textOf(error) {
  try {
    return String(error?.stack ?? error).slice(0, 4000);
  } catch {
    return 'an exception that cannot be shown';
  }
}

/**
 * A shell or another program stands between the master and this Node. It may be a helper that runs before the
 * app; only one that listens is the app itself.
 */
function tellIndirect() {
  if (!process.channel) return;
  const channel = require('./master-channel.cjs').open(process.ppid);
  const { subscribe } = require('node:diagnostics_channel');
  subscribe('tracing:net.server.listen:asyncStart', () => {
    channel.send({ type: 'wrongProcess', pid: process.pid });
  });
}
