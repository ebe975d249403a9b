// The ways out for a worker: retire (drain), the stop signal, kill.

import { type Draft, setWorker } from './draft.js';
import type { DrainingWorker, LiveWorker, Milliseconds, Worker } from './fleet.js';

/**
 * Drains a worker that is no longer needed. Starting workers too: they may already have accepted a connection, and it
 * must be finished.
 */
export function retire(draft: Draft, worker: LiveWorker): void {
  setWorker(draft, {
    ...identityOf(worker),
    state: 'draining',
    readyAt: readyAtOf(worker),
    drainUntil: draft.now + draft.policy.drainTimeout,
    killAt: null,
    cutShort: false,
  });
  draft.commands.push({ type: 'retire', worker: worker.id });
}

/** Ends a worker that failed: kills it, unless it may hold connections. */
export function endFailedWorker(draft: Draft, worker: LiveWorker): void {
  if (worker.state === 'ready' || worker.acceptsConnections) retire(draft, worker);
  else kill(draft, worker);
}

/** The one stop signal, when the work is done or the drain time is over. */
export function sendStopSignal(draft: Draft, worker: DrainingWorker): void {
  // A drained worker may still close what it has open: it keeps the rest of its drain time for that.
  signal(draft, worker, Math.max(draft.now, worker.drainUntil), false);
}

/** The stop signal before its time. */
export function cutDrainShort(draft: Draft, worker: DrainingWorker): void {
  signal(draft, worker, draft.now, true);
}

function signal(draft: Draft, worker: DrainingWorker, from: Milliseconds, cutShort: boolean) {
  setWorker(draft, { ...worker, killAt: from + draft.policy.killTimeout, cutShort });
  draft.commands.push({ type: 'signal', worker: worker.id });
}

/** SIGKILL to the whole tree; repeated until the worker is reported gone. */
export function kill(draft: Draft, worker: Worker): void {
  setWorker(draft, {
    ...identityOf(worker),
    state: 'killing',
    readyAt: readyAtOf(worker),
    killAgainAt: draft.now + draft.policy.killInterval,
  });
  draft.commands.push({ type: 'kill', worker: worker.id });
}

function identityOf({ id, slot, generation, pid, startedAt }: Worker) {
  return { id, slot, generation, pid, startedAt };
}

function readyAtOf(worker: Worker): Milliseconds | null {
  return worker.state === 'starting' ? null : worker.readyAt;
}
