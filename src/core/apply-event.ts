// What an event changes by itself, before any rule looks at the result.

import { applyWorkerEvent } from './apply-worker-event.js';
import { change, type Draft, reply } from './draft.js';
import { kill } from './end-worker.js';
import type { Event } from './events.js';
import type { Refusal } from './failure.js';
import { findWorker, type RequestId } from './fleet.js';
import { MAX_WORKERS } from './policy.js';
import { beginShutdown } from './shutdown.js';

export function applyEvent(draft: Draft, event: Event): void {
  switch (event.type) {
    case 'clock':
      return;
    case 'reload':
      return applyReload(draft, event.request, event.wait ?? true);
    case 'filesChanged':
      return applyFileChange(draft, event.files);
    case 'scale':
      return applyScale(draft, event.workers, event.request);
    case 'scaleBy':
      return applyScale(draft, draft.fleet.workersWanted + event.delta, undefined);
    case 'stop':
      return applyStop(draft, event.now ?? false, event.request);
    default: {
      const worker = findWorker(draft.fleet, event.worker);
      // A late report about a worker that is gone is not an error: exits and messages race.
      if (worker) applyWorkerEvent(draft, worker, event);
    }
  }
}

function applyReload(draft: Draft, request: RequestId | undefined, wait: boolean): void {
  const requests = request === undefined ? [] : [request];
  const refusal = refusalOf(draft);
  if (refusal) return reply(draft, requests, { type: 'refused', refusal });
  const next = draft.fleet.nextRollout;
  const waiting = [...(next?.requests ?? []), ...(wait ? requests : [])];
  const changedFiles = next?.changedFiles ?? [];
  change(draft, { nextRollout: { requests: waiting, asked: true, changedFiles } });
  if (!wait) reply(draft, requests, { type: 'accepted' });
}

function applyFileChange(draft: Draft, files: readonly string[]): void {
  if (draft.fleet.lifecycle.state !== 'running') return;
  const { requests = [], asked = false, changedFiles = [] } = draft.fleet.nextRollout ?? {};
  const all = [...new Set([...changedFiles, ...files])];
  change(draft, { nextRollout: { requests, asked, changedFiles: all } });
}

function applyScale(draft: Draft, workers: number, request: RequestId | undefined): void {
  const requests = request === undefined ? [] : [request];
  const refusal: Refusal | null = Number.isSafeInteger(workers)
    ? refusalOf(draft)
    : { type: 'notANumberOfWorkers', workers };
  if (refusal) return reply(draft, requests, { type: 'refused', refusal });
  const workersWanted = Math.min(MAX_WORKERS, Math.max(1, workers));
  const superseded = draft.fleet.scaling.filter((other) => other.workers !== workersWanted);
  const others = draft.fleet.scaling.filter((other) => other.workers === workersWanted);
  const mine = requests.map((id) => ({ request: id, workers: workersWanted }));
  change(draft, { workersWanted, scaling: [...others, ...mine] });
  const old = superseded.map((other) => other.request);
  reply(draft, old, {
    type: 'refused',
    refusal: { type: 'superseded', workers: workersWanted },
  });
}

function applyStop(draft: Draft, now: boolean, request: RequestId | undefined): void {
  const requests = request === undefined ? [] : [request];
  if (draft.fleet.lifecycle.state === 'stopped') {
    return reply(draft, requests, { type: 'refused', refusal: { type: 'stopped' } });
  }
  if (draft.fleet.lifecycle.state === 'running') beginShutdown(draft, { type: 'requested' });
  const { lifecycle } = draft.fleet;
  if (lifecycle.state !== 'stopping') return;
  // A second stop signal kills at once. A second stop request waits for the shutdown that is under way.
  const isSignal = request === undefined;
  const killAtOnce = now || (isSignal && lifecycle.signalled);
  change(draft, {
    lifecycle: {
      ...lifecycle,
      requests: [...lifecycle.requests, ...requests],
      signalled: lifecycle.signalled || isSignal,
    },
  });
  if (!killAtOnce) return;
  for (const worker of draft.fleet.workers) if (worker.state !== 'killing') kill(draft, worker);
}

/** Why nothing can be begun any more; null if it can. */
function refusalOf({ fleet: { lifecycle } }: Draft): Refusal | null {
  if (lifecycle.state === 'running') return null;
  if (lifecycle.state === 'stopped') return { type: 'stopped' };
  return { type: 'stopping', reason: lifecycle.reason };
}
