// The limits of a worker: when a start fails, when a hung or a draining worker is killed.

import { type Draft, isDueOrWake } from './draft.js';
import { kill, sendStopSignal } from './end-worker.js';
import { deadlineOf, type Worker } from './fleet.js';
import { failWorker, recordFailure } from './worker-failure.js';

/** Rule. Expired deadlines: start timeout, watchdog, drain timeout, kill timeout. */
export function applyDeadlines(draft: Draft): void {
  for (const worker of draft.fleet.workers) {
    const deadline = deadlineOf(worker);
    if (deadline !== null && isDueOrWake(draft, deadline)) expire(draft, worker);
  }
}

function expire(draft: Draft, worker: Worker): void {
  const { policy, notices } = draft;
  const { id } = worker;
  switch (worker.state) {
    case 'starting': {
      const after = worker.readyBy - worker.startedAt;
      const problem = worker.startProblem;
      return failWorker(draft, worker, { type: 'startTimeout', after, problem });
    }
    case 'ready': {
      const { watchdogSeen } = worker;
      recordFailure(draft, worker, { type: 'hung', after: policy.watchdog ?? 0, watchdogSeen });
      // Killed although it holds connections: a hung process answers neither them nor the stop signal.
      return kill(draft, worker);
    }
    case 'draining':
      if (worker.killAt === null) {
        notices.push({ type: 'drainTimedOut', worker: id, after: policy.drainTimeout });
        return sendStopSignal(draft, worker);
      }
      notices.push({ type: 'killTimedOut', worker: id });
      return kill(draft, worker);
    case 'killing':
      return kill(draft, worker);
  }
}
