// Starts the parts of the preload in a worker.
import { subscribe } from 'node:diagnostics_channel';
import { type PreloadConfig, WORKER_HOOK, type WorkerHook } from '../../src/ipc-protocol.js';
import { createClosers } from './closers.js';
import { openDebugger } from './debugger.js';
import { createDrain } from './drain.js';
import { createListeningServers } from './listening-servers.js';
import { type MasterChannel, openMasterChannel } from './master-channel.js';
import { redirectListen } from './redirect-listen.js';
import { filterModuleReports, hideFromChildren } from './send-module-reports.js';

const LONGEST_EXCEPTION_CHARACTERS = 4000;

export function start(config: PreloadConfig): void {
  const channel = openMasterChannel(config.masterPid);
  channel.send({ type: 'started', version: process.version, script: process.argv[1] ?? null });
  if (config.sourceMaps) process.setSourceMapsEnabled(true);
  if (config.inspect) openDebugger(channel);
  reportExceptions(channel);
  ignoreSignals(config.ignoredSignals);
  if (process.env.WATCH_REPORT_DEPENDENCIES) reportModules(channel);
  if (config.watchdogMs > 0) sendHeartbeats(channel, config.watchdogMs / 2);

  const servers = createListeningServers();
  const closers = createClosers((text) => channel.send({ type: 'warning', text }));
  const drain = createDrain(servers, closers);
  redirectListen(config.sockets, channel, servers, drain.isRetiring);

  channel.on('retire', async ({ limitMs }) => {
    // Without its servers Node would exit at once, and the app would never get the stop signal that it waits for.
    channel.keepAlive();
    await drain.retire(limitMs);
    channel.send({ type: 'drained' });
  });
  channel.onOrphaned(drain.exitSoon);

  const hook: WorkerHook = {
    // After what redirect-listen.ts has to report: an app may call ready() in its callback of listen().
    send: (message) => void setImmediate(() => channel.send(message)),
    onRetiring: drain.onRetiring,
    addCloser: closers.add,
  };
  // A registered symbol, so that every copy of `graceful-run/worker` finds it.
  Object.assign(globalThis, { [Symbol.for(WORKER_HOOK)]: hook });
}

/**
 * A shell or another program stands between the master and this Node. It may be a helper that runs before the app;
 * only a Node that listens is the app itself.
 */
export function reportWrongProcess(): void {
  if (!process.channel) return;
  const channel = openMasterChannel(process.ppid);
  subscribe('tracing:net.server.listen:asyncStart', () => {
    channel.send({ type: 'wrongProcess', pid: process.pid });
  });
}

/** Node resets the signals that its parent ignored to their default, which ends it. A handler of the app goes first. */
function ignoreSignals(signals: readonly string[]): void {
  for (const signal of signals) process.on(signal, () => {});
}

function reportModules(channel: MasterChannel): void {
  filterModuleReports();
  hideFromChildren(() => channel.send({ type: 'startsProcesses' }));
}

/** A loop that does not turn sends nothing. The first heartbeat comes at once, so that the master expects more. */
function sendHeartbeats(channel: MasterChannel, intervalMs: number): void {
  const send = () => channel.send({ type: 'heartbeat' });
  send();
  setInterval(send, intervalMs).unref();
}

/** Reports the exception that ends the process, as the reason of a failed reload. It changes nothing. */
function reportExceptions(channel: MasterChannel): void {
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    channel.send({ type: 'exception', text: describe(error) });
  });
}

function describe(error: unknown): string {
  try {
    // Not `instanceof`: an error of another realm is an Error too.
    const { stack } = (error ?? {}) as { stack?: unknown };
    return String(stack ?? error).slice(0, LONGEST_EXCEPTION_CHARACTERS);
  } catch {
    return 'an exception that cannot be shown';
  }
}
