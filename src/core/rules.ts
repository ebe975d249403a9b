// Rules: what must hold of a fleet, whatever led to it. Each looks at the fleet as it is, never at
// the event, so a report that was lost or came twice is made good at the next turn.

import { formatDuration } from '../text/duration.js';
import { nameOf } from '../text/fleet-summary.js';
import { type DraftWorker, refuse, reply, type Turn } from './draft.js';
import { isLive, phaseOf } from './fleet.js';
import { abandonOutdated, beginRollout, concludeRollout, wantedOfTarget } from './rollout.js';
import { beginStop } from './shutdown.js';
import { blame, fail } from './worker-failure.js';
import { kill, retire, signal } from './worker-state.js';

export function settle(turn: Turn): void {
  if (turn.fleet.stopped) return;
  expire(turn);
  concludeRollout(turn);
  abandonOutdated(turn);
  beginRollout(turn);
  giveUp(turn);
  retireReplaced(turn);
  const { fleet } = turn;
  if (fleet.target !== 0) keepCount(turn, fleet.target, wantedOfTarget(turn), 0);
  if (fleet.serving !== 0) keepCount(turn, fleet.serving, fleet.size, fleet.retryAt);
  answerScaling(turn);
  finishStop(turn);
}

/** Patience ran out. */
function expire(turn: Turn): void {
  const { now, policy } = turn;
  for (const worker of turn.fleet.workers) {
    if (worker.deadline === null || worker.deadline > now) continue;
    if (worker.state === 'starting') {
      const note = worker.note === null ? '' : `: ${worker.note}`;
      const patience = formatDuration(worker.deadline - worker.startedAt);
      fail(turn, worker, `was not ready within ${patience}${note}`, 1);
    } else if (worker.state === 'ready') {
      // Killed although it holds connections: what hangs answers none of them, nor the stop signal.
      const ever = worker.fed ? '' : ', nor ever before: WATCHDOG=1 to $NOTIFY_SOCKET is one';
      const silence = `gave no sign of life for ${formatDuration(policy.watchdog)}${ever}`;
      blame(turn, worker, silence, 1);
      kill(turn, worker);
    } else if (worker.state === 'draining' && !worker.signalled) {
      const what = `still had work after ${formatDuration(policy.drainTimeout)}; sending the stop signal`;
      turn.actions.push({ type: 'overdue', worker: worker.id, what: `${nameOf(worker)} ${what}` });
      signal(turn, worker);
    } else if (worker.state === 'draining') {
      const what = 'did not leave after the stop signal; killing it';
      turn.actions.push({ type: 'overdue', worker: worker.id, what: `${nameOf(worker)} ${what}` });
      kill(turn, worker);
    } else {
      kill(turn, worker);
    }
  }
}

/** Only when nobody serves and nothing better is coming: a single ready worker beats an exit. */
function giveUp(turn: Turn): void {
  const { fleet, policy } = turn;
  if (fleet.stop || policy.maxCrashes === 0 || fleet.crashes < policy.maxCrashes) return;
  const serves = (one: DraftWorker) => one.generation === fleet.serving && one.state === 'ready';
  if (fleet.target !== 0 || fleet.workers.some(serves)) return;
  beginStop(turn, { status: 1, reason: `gave up after ${fleet.crashes} crashes` });
}

/** Live workers of a generation that is neither serving nor coming have been replaced. */
function retireReplaced(turn: Turn): void {
  const { fleet } = turn;
  for (const worker of fleet.workers) {
    if (!isLive(worker)) continue;
    const needed = worker.generation === fleet.serving || worker.generation === fleet.target;
    if (fleet.stop || !needed) retire(turn, worker);
  }
}

/** Too few: spawn, but not before `notBefore`. Too many: the starting go first, then the ready. */
function keepCount(turn: Turn, generation: number, wanted: number, notBefore: number): void {
  const { fleet, now } = turn;
  if (fleet.stop) return;
  const live = fleet.workers.filter((one) => one.generation === generation && isLive(one));
  for (const worker of surplusOf(live, wanted)) retire(turn, worker);
  if (now < notBefore) return;
  for (let missing = wanted - live.length; missing > 0; missing -= 1) {
    live.push(spawn(turn, generation, freeSlot(live)));
  }
}

function surplusOf(live: readonly DraftWorker[], wanted: number): DraftWorker[] {
  const starting = live.filter((one) => one.state === 'starting');
  const ready = live.filter((one) => one.state === 'ready');
  const bySlotDescending = (a: DraftWorker, b: DraftWorker) => b.slot - a.slot;
  const leaving = [...starting.sort(bySlotDescending), ...ready.sort(bySlotDescending)];
  return leaving.slice(0, Math.max(0, live.length - wanted));
}

function freeSlot(live: readonly DraftWorker[]): number {
  const taken = new Set(live.map((one) => one.slot));
  let slot = 1;
  while (taken.has(slot)) slot += 1;
  return slot;
}

function spawn(turn: Turn, generation: number, slot: number): DraftWorker {
  const { fleet, now, policy, actions } = turn;
  fleet.lastWorker += 1;
  const worker: DraftWorker = {
    id: fleet.lastWorker,
    slot,
    generation,
    state: 'starting',
    pid: null,
    startedAt: now,
    readyAt: null,
    deadline: now + policy.startTimeout,
    drainUntil: 0,
    signalled: false,
    accepting: false,
    fed: false,
    note: null,
  };
  fleet.workers.push(worker);
  actions.push({ type: 'spawn', worker: worker.id, slot, generation });
  return worker;
}

function answerScaling(turn: Turn): void {
  const { fleet } = turn;
  if (fleet.scaling.length === 0) return;
  if (phaseOf(fleet) === 'waiting') {
    const waiting = fleet.scaling.map((one) => one.request);
    fleet.scaling = [];
    return refuse(turn, waiting, 'nothing serves: what was started failed');
  }
  if (fleet.serving === 0) return;
  const live = fleet.workers.filter((one) => one.generation === fleet.serving && isLive(one));
  const ready = live.filter((one) => one.state === 'ready');
  if (live.length !== fleet.size || ready.length !== fleet.size) return;
  const requests = fleet.scaling.map((one) => one.request);
  fleet.scaling = [];
  reply(turn, requests, { ok: true, generation: fleet.serving, reason: null });
}

function finishStop(turn: Turn): void {
  const { fleet, actions } = turn;
  if (!fleet.stop || fleet.workers.length > 0) return;
  const { requests, status, reason } = fleet.stop;
  fleet.stopped = true;
  reply(turn, requests, { ok: true, generation: fleet.serving, reason: null });
  actions.push({ type: 'stopped', status, reason });
}
