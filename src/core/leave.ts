// The ways out for a worker: retire (drain), the stop signal, kill.
import type { DraftWorker, Turn } from './turn.js';

/**
 * Lets a worker go for good reasons. One that may hold connections, ready or not, is drained;
 * one that never took a connection has nothing to lose and is killed.
 */
export function dismiss(turn: Turn, worker: DraftWorker): void {
  // A stop that was asked for is polite to those that are still starting, too.
  const polite = turn.fleet.stop?.status === 0;
  if (worker.state === 'ready' || worker.accepting || polite) retire(turn, worker);
  else kill(turn, worker);
}

function retire(turn: Turn, worker: DraftWorker): void {
  worker.state = 'draining';
  worker.note = null;
  worker.drainUntil = turn.now + turn.policy.drainTimeout;
  worker.deadline = worker.drainUntil;
  turn.actions.push({ type: 'retire', worker: worker.id });
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
