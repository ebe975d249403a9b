// The heart of the product: workers that serve are touched for one of a few reasons, and else never.
import { isLive } from '../../src/core/fleet.js';
import {
  asks,
  ensure,
  has,
  hasFailed,
  isAbout,
  isLeaving,
  isOverdue,
  isReady,
  isReplaced,
  membersOf,
} from './ask.js';
import { drainingGenerations } from './generation-invariants.js';
import type { Moment } from './steps.js';

export function checkServing(moment: Moment): void {
  const { before, after, event, at, notices } = moment;
  const { serving, workersWanted: wanted } = after;
  checkCutShort(moment);
  if (after.lifecycle.state !== 'running') return;
  checkCapacity(moment);
  if (serving !== before.serving) return;
  const isScaled = event.type === 'scale' || event.type === 'scaleBy';
  const members = membersOf(after, serving);
  const ready = members.filter(isReady);
  const live = new Set(after.workers.filter(isLive).map(({ id }) => id));
  const touched = before.workers.filter(
    (one) =>
      isLive(one) &&
      one.generation === serving &&
      !live.has(one.id) &&
      !(event.type === 'exited' && isAbout(event, one)),
  );
  for (const old of touched) {
    const isDue = isOverdue(old, at);
    const isUnfit =
      isAbout(event, old) &&
      !isReady(old) &&
      (event.type === 'cannotServe' || event.type === 'wantsReplacement');
    ensure(isScaled || isDue || isUnfit || isLeaving(old), 'a serving worker is left alone');
    ensure(!isDue || has(notices, 'workerCrashed'), 'a failed worker is a crash');
    const stays = isLeaving(old) && !isReplaced(old, ready, wanted);
    ensure(!stays, 'a leaving worker stays until it is replaced');
  }
  const retired = touched.filter((one) => isReady(one) && !isLeaving(one) && !isOverdue(one, at));
  if (retired.length === 0) return;
  ensure(ready.length === members.length, 'starting workers go before ready ones');
  ensure(members.length === wanted, 'down to the size, not below');
  const wereReady = new Set(before.workers.filter(isReady).map(({ id }) => id));
  const highest = Math.max(
    0,
    ...ready.filter(({ id }) => wereReady.has(id)).map(({ slot }) => slot),
  );
  ensure(
    retired.every(({ slot }) => slot > highest),
    'the highest slots are retired first',
  );
}

/** No decision of its own leaves fewer workers that accept than are wanted: only an exit, a hang or a scaling does. */
function checkCapacity(moment: Moment): void {
  const { before, after, event, notices } = moment;
  const had = before.workers.filter((one) => isReady(one) && !hasFailed(one, moment)).length;
  const isLess = after.workers.filter(isReady).length < Math.min(had, after.workersWanted);
  // A worker of a new generation that fails was never needed.
  const hasEnded = has(notices, 'rolledBack') || has(notices, 'rolloutAbandoned');
  const isScaled = event.type === 'scale' || event.type === 'scaleBy';
  ensure(!isLess || hasEnded || isScaled, 'no decision takes away what is needed');
}

/** Of more old generations than may drain, the oldest are cut short, and no more of them than needed. */
function checkCutShort({ before, after, policy, commands, notices }: Moment): void {
  const were = new Set(
    before.workers.flatMap((one) => ('cutShort' in one && one.cutShort ? one.id : [])),
  );
  const cut = after.workers.filter(
    (one) => one.state === 'draining' && one.cutShort && !were.has(one.id),
  );
  const told = notices.flatMap((one) => (one.type === 'drainCutShort' ? [one.generation] : []));
  const generations = [...new Set(cut.map(({ generation }) => generation))];
  ensure(generations.sort().join() === told.toSorted().join(), 'a drain that is cut short is told');
  ensure(
    cut.every(({ id }) => asks(commands, 'signal', id)),
    'a drain is cut short by a signal',
  );
  if (told.length === 0) return;
  const left = drainingGenerations(after);
  ensure(left.size === policy.maxDraining, 'no more drains are cut short than needed');
  ensure(Math.max(...told) < Math.min(...left), 'the oldest drains are cut short');
}
