// How a fleet reads in one line, in the log, in `status` and in `systemctl status`. Pure.
import type { Fleet, Worker, WorkerState } from '../core/fleet.js';

const STATES: readonly WorkerState[] = ['ready', 'starting', 'draining', 'killing'];

/** `serving 4: 2 ready | rolling out 5: 1 starting | retiring 3: 2 draining` */
export function summarizeFleet({ lifecycle, serving, rollout, workers }: Fleet): string {
  const generations = [...new Set(workers.map((worker) => worker.generation))];
  const roleOf = (generation: number) => {
    if (lifecycle.state !== 'running') return 'retiring';
    if (generation === serving) return 'serving';
    return generation === rollout?.generation ? 'rolling out' : 'retiring';
  };
  const parts = ['serving', 'rolling out', 'retiring'].flatMap((role) =>
    generations
      .filter((generation) => roleOf(generation) === role)
      .map((generation) => `${role} ${generation}: ${countStates(workers, generation)}`),
  );
  return parts.length === 0 ? 'no worker' : parts.join(' | ');
}

function countStates(workers: readonly Worker[], generation: number): string {
  const counts = STATES.map((state) => {
    const count = workers.filter(
      (worker) => worker.generation === generation && worker.state === state,
    ).length;
    return count === 0 ? '' : `${count} ${state}`;
  });
  return counts.filter((text) => text !== '').join(', ');
}
