// The beginning of the end. The rest is rules: nothing is spawned, everybody is retired.
import { refuse, type Turn } from './draft.js';

export const STOPPING = 'graceful-run is stopping';
export const STOPPED = 'graceful-run has stopped';

/** From here on nothing is started; whoever waits for something else is told so. */
export function beginStop(turn: Turn, why: { status: number; reason: string }): void {
  const { fleet } = turn;
  const waiting = [
    ...(fleet.rollout?.requests ?? []),
    ...(fleet.queued?.requests ?? []),
    ...fleet.scaling.map((one) => one.request),
  ];
  fleet.stop = { ...why, requests: [], signalled: false };
  fleet.rollout = null;
  fleet.target = 0;
  fleet.queued = null;
  fleet.scaling = [];
  refuse(turn, waiting, why.status === 0 ? STOPPING : why.reason);
  turn.actions.push({ type: 'stopping', reason: why.reason });
}
