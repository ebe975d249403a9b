// What a worker says, turned into events for the core and word for the other hands.

import { setTimeout as wait } from 'node:timers/promises';
import type { Event, Fleet } from '../core/fleet.js';
import type { Inspecting } from '../debugger/debugger-proxy.js';
import type { FromWorker } from '../ipc-protocol.js';
import type { Log } from '../log/logger.js';
import type { WorkerOutput } from '../output/open-output.js';
import { endProbe, type ReadinessProbe } from '../readiness/probe.js';
import type { Watching } from '../reload-on-change/reload-on-change.js';
import { describeSocket, type HeldSocket, toSharedSocket } from '../sockets/held-socket.js';
import type { SocketHandle } from '../sockets/node-handles.js';
import type { Sockets } from '../sockets/registry.js';
import type { WorkerSays, WorkerSockets } from '../systemd/worker-notify-sockets.js';
import { howItEnded } from '../workers/how-it-ended.js';
import {
  launcherAdvice,
  launcherOf,
  nodeAsLauncher,
  SHELL_ADVICE,
} from '../workers/unsupported-launcher.js';
import type { PoolEvents, Workers } from '../workers/worker-pool.js';
import type { WorkerExit } from '../workers/worker-process.js';

/** How much later the master may have its own of two signals. */
const OWN_SIGNAL_MS = 100;

export interface Ears {
  readonly sockets: Sockets;
  readonly probes: Map<number, ReadinessProbe>;
  /** STATUS= of the workers that said one. */
  readonly texts: Map<number, string>;
  /** Those that feed their watchdog themselves. */
  readonly feeders: Set<number>;
  readonly workerSockets: WorkerSockets;
  /** Null where no file is watched. */
  readonly watching: Watching | null;
  readonly output: WorkerOutput;
  /** Null without --inspect. */
  readonly inspecting: Inspecting | null;
  readonly log: Log;
  readonly command: readonly string[];
  readonly cwd: string;
  /** What the user wrote in front of the command. */
  readonly calledAs: string;
  /** A process in between is fatal: sockets have to reach the app, and only Node can prove readiness. */
  readonly needsDirectNode: boolean;
  /** The master had this signal as well, just now. */
  heardLately(signal: string): boolean;
  tell(event: Event): void;
  fleet(): Fleet;
  workers(): Workers;
}

export function listenToWorkers(ears: Ears): PoolEvents {
  const { sockets, probes, tell } = ears;
  return {
    spawned(worker, pid) {
      tell({ type: 'spawned', worker, pid });
      // Such a Node does not load the preload, so that nothing would ever be heard of it.
      reportLauncher(ears, worker, nodeAsLauncher(ears.command));
    },
    said(worker, message) {
      if (!ears.watching?.heard(message)) probes.get(worker)?.onAppMessage(message);
    },
    heard(worker, message, handle) {
      hear(ears, worker, message, handle);
      probes.get(worker)?.onMessage(message);
    },
    ended(worker, exit) {
      endProbe(probes, worker);
      ears.workerSockets.close(worker);
      ears.texts.delete(worker);
      ears.feeders.delete(worker);
      ears.inspecting?.leave(worker);
      tellGivenUp(ears, sockets.left(worker));
      void Promise.all([isStray(ears, exit), ears.output.ended(worker)]).then(([stray]) => {
        tell({ type: 'exited', worker, ...translate(exit), ...(stray && { stray }) });
        ears.output.forget(worker);
      });
    },
  };
}

/**
 * Ended by a signal that the master had as well. Its own may come a moment later: the kernel gives each to
 * whatever thread it likes.
 */
async function isStray({ heardLately }: Ears, { ending }: WorkerExit): Promise<boolean> {
  const signal = ending.type === 'signal' ? ending.signal : null;
  if (signal !== 'SIGHUP' && signal !== 'SIGUSR2') return false;
  if (!heardLately(signal)) await wait(OWN_SIGNAL_MS);
  return heardLately(signal);
}

function hear(ears: Ears, worker: number, message: FromWorker, handle: unknown): void {
  const { sockets, tell, log } = ears;
  switch (message.type) {
    case 'started':
      ears.watching?.runs(message.script);
      return reportLauncher(ears, worker, launcherOf(message.script));
    case 'wrongProcess':
      return reportIndirect(ears, worker, SHELL_ADVICE);
    case 'listening':
      sockets.listening(worker, message.socket, message);
      return tell({ type: 'accepting', worker });
    case 'opened': {
      // Only the preload sends one along; an app could forge the message, but not that.
      if (!handle) return;
      const socket = sockets.adopt(worker, message.target, message.address, handle as SocketHandle);
      ears.workers().send(worker, { type: 'adopted', key: message.key, socket: socket.id });
      log.info(
        `holding ${describeSocket(socket)}, which the app opened, for the generations to come`,
      );
      return tell({ type: 'accepting', worker });
    }
    case 'closed':
      if (!wasRetired(ears.fleet(), worker)) sockets.closed(worker, message.socket);
      return;
    case 'requestSocket':
      return void answer(ears, worker, message);
    case 'warning':
      return log.warn({ workerId: worker }, message.text);
    case 'inspector':
      return ears.inspecting?.opened(worker, message.port);
    case 'drained':
      return tell({ type: 'idle', worker });
    case 'startsProcesses':
      return ears.watching?.cannotTell();
    case 'heartbeat':
      // That its loop turns is less than what an app says that feeds its watchdog itself.
      if (!ears.feeders.has(worker)) tell({ type: 'alive', worker });
      return;
    case 'ready':
    case 'exception':
      return;
    default:
      message satisfies never;
  }
}

/** On its NOTIFY_SOCKET. */
export function hearNotified({
  probes,
  texts,
  feeders,
  tell,
}: Pick<Ears, 'probes' | 'texts' | 'feeders' | 'tell'>) {
  return (worker: number, what: WorkerSays): void => {
    switch (what.type) {
      case 'ready':
        return probes.get(worker)?.onNotifyReady();
      case 'status':
        return void texts.set(worker, what.text);
      case 'extended':
        return tell({ type: 'extended', worker, ms: what.ms });
      case 'alive':
        feeders.add(worker);
        return tell({ type: 'alive', worker });
      case 'leaving':
        return tell({ type: 'leaving', worker });
      default:
        what satisfies never;
    }
  };
}

/** Another worker or generation has that address, and we hold it: here is the socket. */
async function answer(
  { sockets, workers }: Ears,
  worker: number,
  { requestId, target }: Extract<FromWorker, { type: 'requestSocket' }>,
): Promise<void> {
  const found = await sockets.answer(target);
  if ('deadFile' in found) {
    const { deadFile } = found;
    return workers().send(worker, { type: 'socketReply', requestId, deadFile });
  }
  sockets.lend(worker, found.socket.id);
  const socket = toSharedSocket(found.socket, 0);
  workers().send(worker, { type: 'socketReply', requestId, socket }, found.handle);
}

function reportLauncher(ears: Ears, worker: number, launcher: string | null): void {
  if (launcher === null) return;
  const { command, cwd, calledAs } = ears;
  reportIndirect(ears, worker, launcherAdvice(launcher, command, cwd, calledAs));
}

function reportIndirect(
  { needsDirectNode, watching, tell, log }: Ears,
  worker: number,
  advice: string,
): void {
  watching?.cannotTell();
  if (needsDirectNode) tell({ type: 'unfit', worker, reason: `cannot serve: ${advice}` });
  else log.warn(advice);
}

/** What the master holds no longer: for the log, and for the workers, which were given it as well. */
export function tellGivenUp(
  { log, fleet, workers }: { log: Log; fleet(): Fleet; workers(): Workers },
  sockets: readonly HeldSocket[],
): void {
  for (const socket of sockets) {
    log.info(`giving up ${describeSocket(socket)}: no worker listens on it any more`);
    for (const { id } of fleet().workers) {
      workers().send(id, { type: 'socketClosed', socket: socket.id });
    }
  }
}

function wasRetired(fleet: Fleet, worker: number): boolean {
  const state = fleet.workers.find((one) => one.id === worker)?.state;
  return state === 'draining' || state === 'killing';
}

function translate({ ending, exception }: WorkerExit): {
  reason: string;
  detail?: string;
  status?: number;
} {
  const detail = exception === undefined ? {} : { detail: exception };
  if (ending.type === 'notStarted') {
    return { reason: `could not be started: ${ending.problem}`, status: ending.status };
  }
  return ending.type === 'signal'
    ? { reason: howItEnded(null, ending.signal), ...detail }
    : { reason: howItEnded(ending.status, null), ...detail };
}
