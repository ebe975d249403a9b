// What a report about a worker changes by itself.

import { type Draft, removeWorker, setWorker } from './draft.js';
import { retire, sendStopSignal } from './end-worker.js';
import type { WorkerEvent } from './events.js';
import {
  isLive,
  type LeaveReason,
  type LiveWorker,
  type Milliseconds,
  type ReadyWorker,
  type StartingWorker,
  type Worker,
} from './fleet.js';
import { MAX_SIGNALLED_STARTS } from './policy.js';
import { startAgain } from './worker-count.js';
import { countAndDelayRespawn, failWorker, recordFailure } from './worker-failure.js';

export function applyWorkerEvent(draft: Draft, worker: Worker, event: WorkerEvent): void {
  switch (event.type) {
    case 'spawned':
      return setWorker(draft, { ...worker, pid: event.pid });
    case 'exited':
      return applyExit(draft, worker, event);
    case 'drained':
      if (worker.state === 'draining' && worker.killAt === null) sendStopSignal(draft, worker);
      return;
    case 'watchdogPing':
      if (isLive(worker)) applyPing(draft, worker);
      return;
    case 'wantsReplacement':
      if (isLive(worker)) applyWantsReplacement(draft, worker, event.reason);
      return;
    default:
      if (worker.state === 'starting') applyStartEvent(draft, worker, event);
  }
}

type StartEvent = Extract<
  WorkerEvent,
  { type: 'acceptsConnections' | 'startProblem' | 'ready' | 'startTimeExtended' | 'cannotServe' }
>;

function applyStartEvent(draft: Draft, worker: StartingWorker, event: StartEvent): void {
  switch (event.type) {
    case 'acceptsConnections':
      return setWorker(draft, { ...worker, acceptsConnections: true });
    case 'startProblem':
      return setWorker(draft, { ...worker, startProblem: event.problem });
    case 'startTimeExtended': {
      // Never less than it had: as systemd counts EXTEND_TIMEOUT_USEC, sd_notify(3).
      const asked = Math.min(draft.now + event.ms, worker.startedAt + draft.policy.maxStartTime);
      return setWorker(draft, { ...worker, readyBy: Math.max(worker.readyBy, asked) });
    }
    case 'cannotServe':
      return failWorker(draft, worker, { type: 'cannotServe', problem: event.problem });
    case 'ready':
      return setWorker(draft, becomeReady(draft, worker));
  }
}

function becomeReady(draft: Draft, worker: StartingWorker): ReadyWorker {
  const { id, slot, generation, pid, startedAt, watchdogSeen } = worker;
  return {
    ...{ state: 'ready', id, slot, generation, pid, startedAt, watchdogSeen },
    readyAt: draft.now,
    hungAt: hungAt(draft),
    leaving: null,
  };
}

function hungAt({ now, policy }: Draft): Milliseconds | null {
  return policy.watchdog === null ? null : now + policy.watchdog;
}

function applyPing(draft: Draft, worker: LiveWorker): void {
  if (worker.state === 'starting') return setWorker(draft, { ...worker, watchdogSeen: true });
  // A worker that leaves is not watched until it drains; that has a limit of its own.
  if (worker.leaving !== null) return;
  setWorker(draft, { ...worker, watchdogSeen: true, hungAt: hungAt(draft) });
}

/**
 * A ready worker of the serving generation stays until its replacement is ready: it may go on serving, and if it does not,
 * clients wait in the queue of the socket that the master holds. A worker that is still starting, or that belongs to a
 * generation that is being rolled out, fails; it is retired all the same, for it is about to say why.
 */
function applyWantsReplacement(draft: Draft, worker: LiveWorker, reason: LeaveReason): void {
  const cause = { type: reason === 'stopping' ? 'stoppedItself' : 'reportedUnhealthy' } as const;
  if (worker.state === 'starting' || worker.generation !== draft.fleet.serving) {
    recordFailure(draft, worker, cause);
    return retire(draft, worker);
  }
  if (worker.leaving !== null) return;
  countAndDelayRespawn(draft, worker);
  setWorker(draft, { ...worker, leaving: reason, hungAt: null });
  draft.notices.push({ type: 'replacing', worker: worker.id, reason });
}

function applyExit(
  draft: Draft,
  worker: Worker,
  { ending, exception }: Extract<WorkerEvent, { type: 'exited' }>,
): void {
  removeWorker(draft, worker.id);
  // A worker that was retired, or has announced its end, may exit with any status.
  if (!isLive(worker) || (worker.state === 'ready' && worker.leaving !== null)) return;
  if (worker.state === 'starting' && ending.type === 'signal' && isForMaster(ending.signal)) {
    const { id, startedAgain: times, readyBy } = worker;
    if (times < MAX_SIGNALLED_STARTS && draft.now < readyBy) {
      draft.notices.push({ type: 'startedAgain', worker: id, signal: ending.signal });
      return startAgain(draft, worker);
    }
  }
  recordFailure(draft, worker, { type: 'exited', ending, exception: exception ?? null });
}

/** A worker ignores the signals that reload the master, but not in the first milliseconds of its start. */
function isForMaster(signal: string): boolean {
  return signal === 'SIGHUP' || signal === 'SIGUSR2';
}
