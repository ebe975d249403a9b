// How many workers there are: as many as wanted in each generation that serves or is being rolled out.

import { change, type Draft, isDueOrWake, reply } from './draft.js';
import { retire } from './end-worker.js';
import {
  type Generation,
  isMember,
  type LiveWorker,
  type Milliseconds,
  phaseOf,
  type StartingWorker,
} from './fleet.js';
import { workersWantedInRollout } from './rollout.js';

/** Rule. */
export function adjustWorkerCount(draft: Draft): void {
  const { lifecycle, rollout, serving, workersWanted, respawnNotBefore } = draft.fleet;
  if (lifecycle.state !== 'running') return;
  if (rollout) {
    adjust(draft, rollout.generation, workersWantedInRollout(draft, rollout), null);
  }
  if (serving !== null) adjust(draft, serving, workersWanted, respawnNotBefore);
}

/** Too few: spawn, but not before `notBefore`. Too many: the starting ones go first, then the ready ones. */
function adjust(
  draft: Draft,
  generation: Generation,
  wanted: number,
  notBefore: Milliseconds | null,
): void {
  const members = draft.fleet.workers
    .filter(isMember)
    .filter((one) => one.generation === generation);
  for (const worker of excessWorkers(members, wanted)) retire(draft, worker);
  if (members.length >= wanted || (notBefore !== null && !isDueOrWake(draft, notBefore))) return;
  const { now, policy } = draft;
  const start = { startedAt: now, readyBy: now + policy.startTimeout, startedAgain: 0 };
  const taken = new Set(members.map(({ slot }) => slot));
  for (let slot = 1; taken.size < wanted; slot += 1) {
    if (taken.has(slot)) continue;
    taken.add(slot);
    spawn(draft, { generation, slot, ...start });
  }
}

function excessWorkers(members: readonly LiveWorker[], wanted: number): LiveWorker[] {
  const inOrder = members.toSorted((a, b) => {
    if (a.state !== b.state) return a.state === 'starting' ? -1 : 1;
    return b.slot - a.slot;
  });
  return inOrder.slice(0, Math.max(0, members.length - wanted));
}

type Start = Pick<StartingWorker, 'generation' | 'slot' | 'startedAt' | 'readyBy' | 'startedAgain'>;

/** Another process for the same start: it gets what is left of the time. */
export function startAgain(draft: Draft, worker: StartingWorker): void {
  const { generation, slot, startedAt, readyBy } = worker;
  spawn(draft, { generation, slot, startedAt, readyBy, startedAgain: worker.startedAgain + 1 });
}

function spawn(draft: Draft, start: Start): void {
  const { fleet } = draft;
  const id = fleet.lastWorker + 1;
  const worker: StartingWorker = {
    state: 'starting',
    ...start,
    ...{ id, pid: null, acceptsConnections: false, watchdogSeen: false, startProblem: null },
  };
  change(draft, { lastWorker: id, workers: [...fleet.workers, worker] });
  const { slot, generation } = start;
  draft.commands.push({ type: 'spawn', worker: id, slot, generation });
}

/** Rule: scaling is done when as many workers are ready as wanted. */
export function answerScaling(draft: Draft): void {
  const { scaling, serving, workers, workersWanted } = draft.fleet;
  if (scaling.length === 0) return;
  const requests = scaling.map(({ request }) => request);
  if (phaseOf(draft.fleet) === 'waiting') {
    // The next generation has so many workers.
    change(draft, { scaling: [] });
    return reply(draft, requests, { type: 'accepted' });
  }
  const members = workers.filter(isMember).filter(({ generation }) => generation === serving);
  if (members.length !== workersWanted || members.some(({ state }) => state !== 'ready')) return;
  change(draft, { scaling: [] });
  reply(draft, requests, { type: 'done' });
}
