// How a fleet and its workers read in logs, reasons and transcripts.
import type { Fleet, Worker, WorkerState } from '../core/fleet.js';

/** How a worker is called in reasons. */
export function nameOf(worker: Worker): string {
  const pid = worker.pid === null ? '' : ` (pid ${worker.pid})`;
  return `worker ${worker.slot} of generation ${worker.generation}${pid}`;
}

/** `serving 4: 2 ready | rolling out 5: 1 starting | retiring 3: 2 draining` */
export function census(fleet: Fleet): string {
  const generations = [...new Set(fleet.workers.map((worker) => worker.generation))];
  const roles = [
    ['serving', generations.filter((one) => one === fleet.serving && !fleet.stop)],
    ['rolling out', generations.filter((one) => one === fleet.target)],
    ['retiring', generations.filter((one) => isRetiring(fleet, one))],
  ] as const;
  const parts = roles.flatMap(([role, members]) =>
    members.map((one) => `${role} ${one}: ${counts(fleet.workers, one)}`),
  );
  return parts.length === 0 ? 'no worker' : parts.join(' | ');
}

function isRetiring(fleet: Fleet, generation: number): boolean {
  if (fleet.stop) return true;
  return generation !== fleet.serving && generation !== fleet.target;
}

function counts(workers: readonly Worker[], generation: number): string {
  const states: WorkerState[] = ['ready', 'starting', 'draining', 'killing'];
  const count = (state: WorkerState) =>
    workers.filter((one) => one.generation === generation && one.state === state).length;
  return states
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
    .join(', ');
}
