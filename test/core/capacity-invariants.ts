// The invariants of how many workers accept: what scaling takes away, and that nothing else does.
import { isMember, type Worker } from '../../src/core/fleet.js';
import { ensure, has, type Moment } from './invariants.js';
import { hasFailed, isReady } from './serving-invariants.js';

/** No decision of its own leaves fewer workers that accept than are wanted: only an exit, a hang or a scaling does. */
export function checkCapacity(moment: Moment): void {
  const { before, event, result } = moment;
  const { fleet } = result;
  if (fleet.lifecycle.state !== 'running') return;
  const wanted = fleet.workersWanted;
  const ready = (workers: readonly Worker[]) => workers.filter(isReady).length;
  const had = ready(before.workers.filter((one) => !hasFailed(one, moment)));
  // A worker of a new generation that fails was never needed.
  const failed = has(result.notices, 'rolledBack') || has(result.notices, 'rolloutAbandoned');
  const isScaled = event.type === 'scale' || event.type === 'scaleBy';
  const isLess = ready(fleet.workers) < Math.min(had, wanted);
  ensure(!isLess || failed || isScaled, 'no decision takes away what is needed');
  const leaving = fleet.workers.filter((one) => one.state === 'ready' && one.leaving !== null);
  const slots = leaving.map(({ slot, generation }) => `${generation}.${slot}`);
  ensure(new Set(slots).size === slots.length, 'one worker a slot leaves');
  checkOrderOfRetirement(moment);
}

/** Of the ready workers that are more than wanted, those with the highest slots go. */
function checkOrderOfRetirement({ before, result }: Moment): void {
  const { workers } = result.fleet;
  const members = before.workers.filter((one) => one.generation === before.serving && isReady(one));
  const retired = members.filter(
    ({ id, ...one }) =>
      isMember({ id, ...one }) &&
      workers.some((after) => after.id === id && after.state === 'draining'),
  );
  if (result.fleet.serving !== before.serving) return;
  const kept = workers.filter(
    (one) => one.generation === before.serving && isReady(one) && isMember(one),
  );
  for (const { slot } of retired) {
    ensure(
      kept.every((one) => one.slot < slot || !members.some(({ id }) => id === one.id)),
      'the highest slots are retired first',
    );
  }
}
