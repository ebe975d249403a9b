// The composition root: options in, a running master out. Plain calls, in the order in which a start can fail.
import type { Logger } from 'pino';
import { openControl } from '../control/server.js';
import { type Event, emptyFleet } from '../core/vocabulary.js';
import { logTurns } from '../log/turns.js';
import type { Probe } from '../readiness/probe.js';
import { probeFor } from '../readiness/readiness.js';
import { bindGiven } from '../sockets/bind.js';
import { describeSocket, type HeldSocket } from '../sockets/held-socket.js';
import { inherit } from '../sockets/inherit.js';
import { listenNow } from '../sockets/listen-now.js';
import { createSockets, type Sockets } from '../sockets/sockets.js';
import { findCommand, runsNode } from '../workers/find-command.js';
import { createWorkers, type Workers } from '../workers/workers.js';
import { createClock } from './clock.js';
import { listenToWorkers } from './hear.js';
import { createMaster, type Master } from './master.js';
import { perform, type Tools } from './perform.js';
import type { RunOptions } from './run-options.js';
import { createDesk } from './serve-control.js';
import { listenToSignals } from './signals.js';
import { takeStatus } from './take-status.js';

const FAILED = 'a part of graceful-run failed; the workers are not affected';

/** Runs until the master has stopped; resolves with its exit status. Throws StartError before anything ran. */
export async function run(options: RunOptions, log: Logger): Promise<number> {
  let finish: (status: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });

  const inherited = inherit(options.env, process.pid, 1);
  for (const remark of inherited.remarks) log.warn(remark);
  const probes = new Map<number, Probe>();
  let sockets: Sockets = createSockets([]);
  let workers: Workers | null = null;
  let master: Master | null = null;
  /** What was asked while the sockets were being opened. */
  const early: Event[] = [];
  const tell: Master['tell'] = (event) => (master ? master.tell(event) : void early.push(event));
  // Before anything that takes time: unheard, most of these signals end a process.
  const ignoreSignals = listenToSignals(tell);
  const failed = (error: unknown) => log.error({ err: error }, FAILED);
  // A bug of ours ends a request or a connection at most: the workers would go with the master.
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);

  const desk = createDesk(tell, () => takeStatus(options, master, sockets));
  const control =
    options.control === null ? null : await openControl(options.control, options.uid, desk.handler);
  try {
    sockets = createSockets([
      ...inherited.sockets,
      ...(await bindAll(options, inherited.sockets.length + 1)),
    ]);
    await listenForOthers(options, sockets.list());
  } catch (error) {
    await sockets.close();
    await control?.close();
    throw error;
  }
  for (const socket of sockets.list())
    log.info(`holding ${describeSocket(socket)} (${socket.origin})`);

  workers = createWorkers(
    { ...options, readyFd: options.ready.how === 'fd' },
    listenToWorkers({
      sockets,
      probes,
      log,
      command: [options.command, ...options.args],
      cwd: options.cwd,
      needsDirectNode: options.ready.how === 'auto' || sockets.list().length > 0,
      tell,
      fleet: () => (master as Master).fleet(),
      workers: () => workers as Workers,
    }),
  );
  const tools: Tools = {
    log,
    workers,
    sockets,
    probes,
    startProbe: probeFor(options.ready),
    drainTimeout: options.policy.drainTimeout,
    tell,
    answer: desk.answer,
    stopped: (status) => finish(status),
  };
  const clock = createClock(() => tell({ type: 'clock' }));
  // Without a socket to give, the first worker opens what all others are then given.
  const policy = { ...options.policy, firstAlone: sockets.list().length === 0 };
  master = createMaster(
    emptyFleet(options.workers),
    policy,
    { ...clock, perform: (action, fleet) => perform(tools, action, fleet) },
    [logTurns(log)],
    failed,
  );
  for (const event of early) tell(event);
  tell({ type: 'clock' });

  const status = await finished;
  await workers.killed();
  await sockets.close();
  await control?.close();
  ignoreSignals();
  return status;
}

async function bindAll(options: RunOptions, firstId: number): Promise<HeldSocket[]> {
  const bound: HeldSocket[] = [];
  try {
    for (const [i, spec] of options.listen.entries()) {
      bound.push(await bindGiven(spec, firstId + i, spec.name ?? `socket-${i + 1}`));
    }
    return bound;
  } catch (error) {
    await createSockets(bound).close();
    throw error;
  }
}

/**
 * Node listens by itself when it has loaded the app; anything else expects to be handed a listener. A unix
 * path on which nobody listens looks dead, and another master would take it over.
 */
async function listenForOthers(options: RunOptions, sockets: readonly HeldSocket[]): Promise<void> {
  const found = findCommand(options.command, options.env.PATH ?? '', options.cwd);
  const node = 'file' in found && runsNode(found.file);
  const given = sockets.filter((socket) => socket.origin === 'given');
  await listenNow(given.filter((socket) => socket.path !== null || !node));
}
