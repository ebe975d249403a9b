// The beginning and the end of a shutdown. In between the rules retire all workers, and nothing is spawned.

import { change, type Draft, reply } from './draft.js';
import { exitStatusOf, type StopReason } from './failure.js';

/** Begins the shutdown: cancels the rollout, and answers the requests that waited for something else. */
export function beginShutdown(draft: Draft, reason: StopReason): void {
  const { rollout, nextRollout, scaling } = draft.fleet;
  const begun = [...(rollout?.requests ?? []), ...scaling.map(({ request }) => request)];
  const waiting = nextRollout?.requests ?? [];
  change(draft, {
    lifecycle: { state: 'stopping', reason, requests: [], signalled: false },
    rollout: null,
    nextRollout: null,
    scaling: [],
  });
  draft.notices.push({ type: 'shutdownBegun', reason });
  if (reason.type === 'firstStartFailed') {
    return reply(draft, [...begun, ...waiting], { type: 'failed', failure: reason.failure });
  }
  reply(draft, begun, { type: 'cancelled', reason });
  reply(draft, waiting, { type: 'refused', refusal: { type: 'stopping', reason } });
}

/** Rule: when the last worker is gone, the master may exit. */
export function finishShutdown(draft: Draft): void {
  const { lifecycle, workers } = draft.fleet;
  if (lifecycle.state !== 'stopping' || workers.length > 0) return;
  const { reason, requests } = lifecycle;
  change(draft, { lifecycle: { state: 'stopped', reason } });
  draft.notices.push({ type: 'shutdownDone', reason });
  reply(draft, requests, { type: 'done' });
  draft.commands.push({ type: 'exit', status: exitStatusOf(reason) });
}
