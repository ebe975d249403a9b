// The ways out for a worker: retire (drain), the stop signal, kill.
import type { DraftWorker, Turn } from './draft.js';

/**
 * Retires a worker that others need no more. Also one that is not ready: it may begin to accept at any
 * moment, and a connection that it has taken by then must be finished.
 */
export function retire(turn: Turn, worker: DraftWorker): void {
  worker.state = 'draining';
  worker.note = null;
  worker.drainUntil = turn.now + turn.policy.drainTimeout;
  worker.deadline = worker.drainUntil;
  turn.actions.push({ type: 'retire', worker: worker.id });
}

/** Ends a worker that failed: killed, unless it holds connections already. */
export function discard(turn: Turn, worker: DraftWorker): void {
  if (worker.accepting) retire(turn, worker);
  else kill(turn, worker);
}

/** The one stop signal, when the connections are gone or the drain time is over. */
export function signal(turn: Turn, worker: DraftWorker): void {
  worker.signalled = true;
  worker.deadline = Math.max(turn.now, worker.drainUntil) + turn.policy.killTimeout;
  turn.actions.push({ type: 'signal', worker: worker.id });
}

/** SIGKILL to the whole tree; repeated by its deadline until the worker is reported gone. */
export function kill(turn: Turn, worker: DraftWorker): void {
  worker.state = 'killing';
  worker.note = null;
  worker.deadline = turn.now + turn.policy.killRepeat;
  turn.actions.push({ type: 'kill', worker: worker.id });
}
