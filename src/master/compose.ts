// The composition root: options in, a running master out. Plain calls, in the order in which a start can fail.

import { createNotifier, type Notifier, watchdogInterval } from 'node-systemd-notify';
import { openControl } from '../control/server.js';
import { initialSockets } from '../core/sockets.js';
import { createDebuggerProxy, type DebuggerProxy } from '../debugger/debugger-proxy.js';
import type { TerminalSources } from '../dev/terminal.js';
import { watchTerminal } from '../dev/terminal-closed.js';
import { StartError } from '../errors.js';
import { openRecording } from '../log/event-recording.js';
import { logFleet } from '../log/fleet-log.js';
import type { Log } from '../log/logger.js';
import { openOutput } from '../output/open-output.js';
import { chooseProbe } from '../readiness/choose-probe.js';
import type { ReadinessProbe } from '../readiness/probe.js';
import { openReloadOnChange } from '../reload-on-change/reload-on-change.js';
import type { RunOptions } from '../run-options.js';
import { describeSocket } from '../sockets/held-socket.js';
import { openSockets } from '../sockets/open-sockets.js';
import { createSocketRegistry } from '../sockets/registry.js';
import { createStatusSnapshot } from '../status/snapshot.js';
import { createManagerObserver, type ManagerObserver } from '../systemd/notifier.js';
import { makeNotifyDirectory } from '../systemd/notify-directory.js';
import { createWorkerNotifySockets } from '../systemd/worker-notify-sockets.js';
import { createWorkers, type Workers } from '../workers/worker-pool.js';
import { createControlRequests } from './control-requests.js';
import { createDeadlineTimer } from './deadline-timer.js';
import { createEventLoop } from './event-loop.js';
import { createNotifyMessages } from './notify-messages.js';
import { runCommand } from './run-commands.js';
import { listenToSignals } from './signals.js';
import { createSocketMessages } from './socket-messages.js';
import { startWorker } from './start-worker.js';
import { workerEvents } from './worker-events.js';

/**
 * How long the start waits for the first NOTIFY_SOCKETs, in milliseconds: when readiness depends on them, and when it does
 * not.
 */
const NOTIFY_NEEDED_MS = 15_000;
const NOTIFY_WANTED_MS = 1_000;

/** Runs until the master has stopped; resolves with its exit status. Throws StartError before any worker was started. */
export async function run(options: RunOptions, log: Log): Promise<number> {
  const notifier = createNotifier({ env: options.env, onFailure: warnOnce(log) });
  const manager = createManagerObserver(notifier, watchdogInterval(options.env));
  try {
    return await supervise(options, log, notifier, manager);
  } catch (error) {
    if (error instanceof StartError) void notifier.status(`failed: ${error.message}`);
    throw error;
  } finally {
    await manager.close();
  }
}

async function supervise(
  options: RunOptions,
  fleetLog: Log,
  notifier: Notifier,
  manager: ManagerObserver,
): Promise<number> {
  // A bug of ours ends a request or a connection at most: if the master exited, its workers would go with it.
  const onBug = (error: unknown) =>
    fleetLog.error({ err: error }, 'a part of graceful-run failed; the workers are not affected');
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  const { record } = options;
  const recording = record === null ? null : openRecording(record, (text) => fleetLog.warn(text));
  const loop = createEventLoop(options.workers, onBug);
  const { dispatch, fleet } = loop;

  // Before anything that takes time: without a handler most of these signals end a process.
  const terminalWatch = options.dev ? watchTerminal(() => dispatch({ type: 'stop' })) : null;
  listenToSignals(dispatch, terminalWatch);
  const clock = createDeadlineTimer(() => dispatch({ type: 'clock' }));
  const registry = createSocketRegistry();
  const probes = new Map<number, ReadinessProbe>();
  const notifyMessages = createNotifyMessages(probes, dispatch);
  const takeStatus = createStatusSnapshot(options, clock.timeOfDay);
  const status = () => takeStatus(fleet(), registry.list(), notifyMessages.statusTexts);
  const requests = createControlRequests(dispatch, status);
  const control =
    options.control === null
      ? null
      : await openControl(options.control, options.uid, requests.handle);

  // Loaded for `dev` alone: loading is a part of what a start takes.
  const dev = options.dev ? await import('../dev/terminal.js') : null;
  const sources: TerminalSources = {
    watching: () => reloadOnChange?.describe() ?? 'nothing',
    debuggers: () => debuggerProxy?.addresses() ?? [],
    addresses: () =>
      registry.list().map((socket) => ({
        text: describeSocket(socket),
        ...{ host: socket.host, port: socket.port },
      })),
    status,
    outputEnded: (worker) => output.lastLinesOf(worker),
  };
  const terminal =
    dev && terminalWatch ? dev.openTerminal(options, sources, terminalWatch, dispatch) : null;
  const log = dev && terminal ? dev.withNotes(fleetLog, terminal.note) : fleetLog;

  const notifySockets = createWorkerNotifySockets(
    () => makeNotifyDirectory(options.control, options.uid),
    notifyMessages.onMessage,
    (error) => log.warn(error.message),
  );
  const needsNotify = options.ready.how === 'notify';
  // The NOTIFY_SOCKETs are bound while the listening sockets are opened; awaited below.
  const notifyReady = notifySockets.prepare(
    options.workers,
    needsNotify ? NOTIFY_NEEDED_MS : NOTIFY_WANTED_MS,
  );
  try {
    await openSockets(options, notifier, log, registry);
  } catch (error) {
    await notifySockets.end();
    await terminal?.end();
    await control?.close();
    throw error;
  }

  const reloadOnChange = await openReloadOnChange(options, dispatch, (text) => log.warn(text));
  const output = await openOutput(options, terminal?.outlets ?? null);
  const debuggerProxy: DebuggerProxy | null = options.inspect
    ? createDebuggerProxy(options.inspect, fleet, log, () => terminal?.debuggerListens())
    : null;
  const send: Workers['send'] = (worker, message, handle) => workers.send(worker, message, handle);
  const calledAs = options.dev ? 'graceful-run dev' : 'graceful-run';
  const shared = { log, registry, probes, notifySockets, output, reloadOnChange, debuggerProxy };
  const workers = createWorkers(
    {
      ...options,
      env: { ...options.env, ...reloadOnChange?.env },
      suggest: output.variables,
      readyFd: options.ready.how === 'fd',
      watchdog: options.policy.watchdog ?? 0,
      outputPipes: options.output !== 'inherit',
      inspect: debuggerProxy !== null,
      sourceMaps: options.dev,
      calledAs,
    },
    workerEvents({
      ...shared,
      socketMessages: createSocketMessages(registry, send, log, dispatch),
      notifyMessages,
      launcher: {
        command: [options.command, ...options.args],
        cwd: options.cwd,
        calledAs,
        needsDirectNode: options.ready.how === 'auto' || registry.list().length > 0,
      },
      dispatch,
    }),
  );

  const startContext = {
    ...shared,
    workers,
    startProbe: chooseProbe(options.ready),
    needsNotify,
    fleet,
    sockets: loop.sockets,
    dispatch,
  };
  await notifyReady;
  const exitStatus = await new Promise<number>((exit) => {
    const commandContext = {
      ...shared,
      workers,
      requests,
      drainTimeout: options.policy.drainTimeout,
      dispatch,
      startWorker: (command: Parameters<typeof startWorker>[1]) =>
        startWorker(startContext, command),
      exit,
    };
    const held = registry.list().map(({ id, origin, isPrivate }) => ({ id, origin, isPrivate }));
    // Without a socket to give, the first worker opens what all others are then given.
    const policy = { ...options.policy, startFirstWorkerAlone: held.length === 0 };
    const header = {
      ...{ version: options.version, startedAt: Date.now() },
      ...{ workersWanted: options.workers, policy, sockets: held },
    };
    recording?.begin(header);
    fleetLog.debug({ record: header }, 'the policy of this master');
    loop.start(
      initialSockets(held),
      policy,
      { ...clock, run: (command, after) => runCommand(commandContext, command, after) },
      [
        ...(recording ? [recording.observe] : []),
        logFleet(fleetLog),
        manager.observe,
        ...(reloadOnChange ? [reloadOnChange.observe] : []),
        ...(terminal ? [terminal.observe] : []),
      ],
    );
  });

  await terminal?.close();
  reloadOnChange?.close();
  registry.close();
  await Promise.all([workers.killed(), notifySockets.end()]);
  await output.close();
  await terminal?.end();
  recording?.close();
  // The control socket last: a command that has stopped this master may start the next one when it is gone.
  await manager.close();
  await control?.close();
  return exitStatus;
}

/** The same problem many times in a row is mentioned once: a manager that cannot be reached, for example. */
function warnOnce(log: Log): (error: Error) => void {
  let last = '';
  return ({ message }) => {
    log[message === last ? 'debug' : 'warn'](message);
    last = message;
  };
}
