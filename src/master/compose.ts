// The composition root: options in, a running master out. Plain calls, in the order in which a start can fail.

import { createNotifier, type Notifier, watchdogInterval } from 'node-systemd-notify';
import { openControl } from '../control/server.js';
import { type Event, emptyFleet } from '../core/fleet.js';
import { createInspecting, type Inspecting } from '../debugger/debugger-proxy.js';
import { takeSeat } from '../dev/terminal-closed.js';
import { StartError } from '../errors.js';
import { logTurns } from '../log/fleet-log.js';
import type { Log } from '../log/logger.js';
import { openOutput } from '../output/open-output.js';
import { chooseProbe } from '../readiness/choose-probe.js';
import type { ReadinessProbe } from '../readiness/probe.js';
import { createWatching, type Watching } from '../reload-on-change/reload-on-change.js';
import type { RunOptions } from '../run-options.js';
import { describeSocket } from '../sockets/held-socket.js';
import { holdSockets } from '../sockets/open-sockets.js';
import { createSockets, type Sockets } from '../sockets/registry.js';
import { createStatusSnapshot } from '../status/snapshot.js';
import { createServiceManager, type ServiceManager } from '../systemd/notifier.js';
import { makeNotifyDirectory } from '../systemd/notify-directory.js';
import { createWorkerSockets } from '../systemd/worker-notify-sockets.js';
import { createWorkers, type Workers } from '../workers/worker-pool.js';
import { createBusiness } from './business.js';
import { createDesk } from './control-requests.js';
import { createClock } from './deadline-timer.js';
import { createMaster, type Master } from './event-loop.js';
import { perform, type Tools } from './run-commands.js';
import { listenToSignals } from './signals.js';
import { hearNotified, listenToWorkers } from './worker-events.js';

const FAILED = 'a part of graceful-run failed; the workers are not affected';

/** Runs until the master has stopped; resolves with its exit status. Throws StartError before anything ran. */
export async function run(options: RunOptions, log: Log): Promise<number> {
  const onFailure = sayOnce(log);
  const notifier = createNotifier({ env: options.env, onFailure });
  const manager = createServiceManager(notifier, watchdogInterval(options.env));
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
  chosenLog: Log,
  notifier: Notifier,
  manager: ServiceManager,
): Promise<number> {
  let finish: (status: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });

  const probes = new Map<number, ReadinessProbe>();
  const texts = new Map<number, string>();
  let sockets: Sockets = createSockets([]);
  let workers: Workers | null = null;
  let master: Master | null = null;
  /** What was asked while the sockets were being opened. */
  const early: Event[] = [];
  const tell: Master['tell'] = (event) => (master ? master.tell(event) : void early.push(event));
  // Before anything that takes time: unheard, most of these signals end a process.
  const seat = options.dev ? takeSeat(() => tell({ type: 'stop' })) : null;
  const heardLately = listenToSignals(tell, seat);
  let log = chosenLog;
  const failed = (error: unknown) => log.error({ err: error }, FAILED);
  // A bug of ours ends a request or a connection at most: the workers would go with the master.
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);

  const clock = createClock(() => tell({ type: 'clock' }));
  const fleetNow = () => master?.fleet() ?? emptyFleet(options.workers);
  const takeStatus = createStatusSnapshot(options, clock.timeOfDay);
  const report = () => takeStatus(fleetNow(), sockets, texts);
  const desk = createDesk(tell, report);
  const control =
    options.control === null ? null : await openControl(options.control, options.uid, desk.handler);
  let watching: Watching | null = null;
  let inspecting: Inspecting | null = null;
  // Loaded for nobody else: it is a part of what a start takes.
  const dev = options.dev ? await import('../dev/open-terminal.js') : null;
  const terminal = dev
    ? dev.openTerminal(
        {
          ...options,
          watching: () => watching?.describe() ?? 'nothing',
          addresses: () => sockets.list().map(describeSocket),
          debuggers: () => inspecting?.addresses() ?? [],
        },
        seat,
        tell,
        report,
      )
    : null;
  if (dev && terminal) log = dev.withNotes(chosenLog, terminal.note);
  try {
    sockets = await holdSockets(options, notifier, log);
  } catch (error) {
    await terminal?.end();
    await control?.close();
    throw error;
  }
  watching = await createWatching(options, tell, (text) => log.warn(text));
  const output = await openOutput(options, terminal?.outlets ?? null);
  const fleet = () => (master as Master).fleet();
  if (options.inspect) {
    inspecting = createInspecting(options.inspect, fleet, log, () => terminal?.debuggerListens());
  }
  const calledAs = options.dev ? 'graceful-run dev' : 'graceful-run';
  const said = { probes, texts, feeders: new Set<number>(), tell };
  const workerSockets = createWorkerSockets(
    () => makeNotifyDirectory(options.control, options.uid),
    hearNotified(said),
    (error) => log.warn(error.message),
  );
  workers = createWorkers(
    {
      ...options,
      env: { ...options.env, ...watching?.env },
      suggest: output.variables,
      readyFd: options.ready.how === 'fd',
      watchdog: options.policy.watchdog,
      outputPipes: options.output !== 'inherit',
      inspect: inspecting !== null,
      sourceMaps: options.dev,
      calledAs,
    },
    listenToWorkers({
      ...said,
      sockets,
      workerSockets,
      watching,
      output,
      inspecting,
      log,
      heardLately,
      command: [options.command, ...options.args],
      cwd: options.cwd,
      calledAs,
      needsDirectNode: options.ready.how === 'auto' || sockets.list().length > 0,
      fleet,
      workers: () => workers as Workers,
    }),
  );
  const tools: Tools = {
    log,
    workers,
    sockets,
    workerSockets,
    probes,
    watching,
    startProbe: chooseProbe(options.ready),
    business: createBusiness(),
    output,
    inspecting,
    drainTimeout: options.policy.drainTimeout,
    needsNotify: options.ready.how === 'notify',
    fleet,
    tell,
    answer: desk.answer,
    stopped: (status) => finish(status),
  };
  // Without a socket to give, the first worker opens what all others are then given.
  const policy = { ...options.policy, firstAlone: sockets.list().length === 0 };
  master = createMaster(
    emptyFleet(options.workers),
    policy,
    { ...clock, perform: (action, fleet) => perform(tools, action, fleet) },
    [logTurns(chosenLog), manager.observe, ...(terminal ? [terminal.observe] : [])],
    failed,
  );
  for (const event of early) tell(event);
  tell({ type: 'clock' });

  const status = await finished;
  terminal?.close();
  await watching?.close();
  sockets.close();
  await Promise.all([workers.killed(), workerSockets.end()]);
  await output.close();
  // The control socket last: whoever stops a master may start the next one when it is gone.
  await manager.close();
  await control?.close();
  return status;
}

/** A manager that cannot be reached is told of once, however often it is spoken to. */
function sayOnce(log: Log): (error: Error) => void {
  let last = '';
  return ({ message }) => {
    log[message === last ? 'debug' : 'warn'](message);
    last = message;
  };
}
