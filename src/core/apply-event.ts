// Facts: what an event changes by itself, before any rule looks at the result.

import { type DraftWorker, refuse, type Turn } from './draft.js';
import { type Event, isLive } from './fleet.js';
import { beginStop, STOPPED, STOPPING } from './shutdown.js';
import { blame, fail, pace } from './worker-failure.js';
import { kill, retire, signal } from './worker-state.js';

export function observe(turn: Turn, event: Event): void {
  switch (event.type) {
    case 'clock':
      return;
    case 'reload':
      return observeReload(turn, event.request);
    case 'changed':
      return observeChange(turn, event.files);
    case 'scale':
      return observeScale(turn, event.size, event.request);
    case 'scaleBy':
      return observeScale(turn, turn.fleet.size + event.delta, undefined);
    case 'stop':
      return observeStop(turn, event.now ?? false, event.request);
    default: {
      const worker = turn.fleet.workers.find((one) => one.id === event.worker);
      // A late report about a worker that is gone is no error: exits and messages race.
      if (worker) observeWorker(turn, worker, event);
    }
  }
}

function observeReload(turn: Turn, request: number | undefined): void {
  const { fleet } = turn;
  const asking = request === undefined ? [] : [request];
  if (fleet.stop) return refuse(turn, asking, fleet.stopped ? STOPPED : STOPPING);
  const { requests = [], changed = [] } = fleet.queued ?? {};
  fleet.queued = { requests: [...requests, ...asking], asked: true, changed };
}

function observeChange({ fleet }: Turn, files: readonly string[]): void {
  if (fleet.stop) return;
  const { requests = [], asked = false, changed = [] } = fleet.queued ?? {};
  fleet.queued = { requests, asked, changed: [...new Set([...changed, ...files])] };
}

function observeScale(turn: Turn, size: number, request: number | undefined): void {
  const { fleet } = turn;
  const asking = request === undefined ? [] : [request];
  if (fleet.stop) return refuse(turn, asking, fleet.stopped ? STOPPED : STOPPING);
  if (!Number.isSafeInteger(size)) return refuse(turn, asking, `${size} is no number of workers`);
  fleet.size = Math.max(1, size);
  const superseded = fleet.scaling.filter((one) => one.size !== fleet.size);
  for (const { request: old } of superseded) refuse(turn, [old], `now scaling to ${fleet.size}`);
  fleet.scaling = fleet.scaling.filter((one) => one.size === fleet.size);
  if (request !== undefined) fleet.scaling = [...fleet.scaling, { request, size: fleet.size }];
}

function observeStop(turn: Turn, now: boolean, request: number | undefined): void {
  const { fleet } = turn;
  const asking = request === undefined ? [] : [request];
  if (fleet.stopped) return refuse(turn, asking, STOPPED);
  if (!fleet.stop) beginStop(turn, { status: 0, reason: 'asked to stop' });
  const { stop } = fleet;
  if (!stop) return;
  // A signal has no address: a second one is somebody who lost patience. A second request only waits.
  const signal = request === undefined;
  const impatient = now || (signal && stop.signalled);
  fleet.stop = {
    ...stop,
    requests: [...stop.requests, ...asking],
    signalled: stop.signalled || signal,
  };
  if (!impatient) return;
  for (const worker of fleet.workers) if (worker.state !== 'killing') kill(turn, worker);
}

type WorkerEvent = Extract<Event, { worker: number }>;

function observeWorker(turn: Turn, worker: DraftWorker, event: WorkerEvent): void {
  switch (event.type) {
    case 'spawned':
      worker.pid = event.pid;
      return;
    case 'accepting':
      worker.accepting = true;
      return;
    case 'noted':
      if (worker.state === 'starting') worker.note = event.note;
      return;
    case 'ready':
      if (worker.state !== 'starting') return;
      worker.state = 'ready';
      worker.readyAt = turn.now;
      worker.deadline = watchedUntil(turn);
      worker.note = null;
      noteBusy(turn, worker, event.busy ?? false);
      return;
    case 'alive':
      worker.fed = true;
      if (worker.state === 'ready') worker.deadline = watchedUntil(turn);
      return;
    case 'extended':
      if (worker.state === 'starting') extend(turn, worker, event.ms);
      return;
    case 'leaving':
      return observeLeaving(turn, worker);
    case 'unfit':
      if (worker.state === 'starting') fail(turn, worker, event.reason, 1);
      return;
    case 'idle':
      if (worker.state === 'draining' && !worker.signalled) signal(turn, worker);
      return;
    case 'exited':
      turn.fleet.workers = turn.fleet.workers.filter((one) => one.id !== worker.id);
      // Whoever was asked to leave may leave as it likes; and one that is not ready yet, and cannot ignore what
      // is not meant for it, is spawned once more.
      if (event.stray && worker.state === 'starting') return;
      if (isLive(worker)) blame(turn, worker, howItEnded(worker, event), event.status || 1);
      return;
    default:
      event satisfies never;
  }
}

function noteBusy({ fleet }: Turn, worker: DraftWorker, busy: boolean): void {
  if (!busy || worker.generation !== fleet.target || !fleet.rollout) return;
  fleet.rollout = { ...fleet.rollout, busy };
}

function watchedUntil({ now, policy }: Turn): number | null {
  return policy.watchdog === 0 ? null : now + policy.watchdog;
}

/** From now on, and never less than it had: as systemd counts EXTEND_TIMEOUT_USEC, sd_notify(3). */
function extend({ now, policy }: Turn, worker: DraftWorker, ms: number): void {
  const asked = Math.min(now + ms, worker.startedAt + policy.startCeiling);
  worker.deadline = Math.max(worker.deadline ?? 0, asked);
}

/** Its replacement is not waited for: what has begun to stop may accept nothing any more. */
function observeLeaving(turn: Turn, worker: DraftWorker): void {
  if (worker.state === 'starting') return fail(turn, worker, 'stopped before it was ready', 1);
  if (worker.state !== 'ready') return;
  if (worker.generation === turn.fleet.target) blame(turn, worker, 'stopped by itself', 1);
  else pace(turn, worker);
  retire(turn, worker);
}

function howItEnded(worker: DraftWorker, event: Extract<Event, { type: 'exited' }>): string {
  // With a status of its own it never ran at all.
  const ran = event.status === undefined;
  const early = ran && worker.state === 'starting' ? ' before it was ready' : '';
  const detail = event.detail ? `: ${event.detail}` : '';
  return `${event.reason}${early}${detail}`;
}
