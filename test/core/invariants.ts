// What must hold of every single step, whatever the event and the fleet. Looks at the step from
// outside: what changed between two fleets must be asked for by an action, and must have a reason.

import {
  type Action,
  type Event,
  type Fleet,
  isLive,
  type Policy,
  type RequestId,
  type Worker,
} from '../../src/core/fleet.js';
import { nextDeadline, type Step } from '../../src/core/step.js';

export interface Moment {
  readonly before: Fleet;
  readonly event: Event;
  readonly now: number;
  readonly policy: Policy;
  readonly result: Step;
}

/** Throws the invariant that does not hold. */
export function checkStep(moment: Moment): void {
  const { fleet, actions } = moment.result;
  checkChanges(moment);
  checkGenerations(fleet, moment.now, moment.policy);
  checkServing(moment);
  checkRequests(moment);
  const next = nextDeadline(fleet, moment.policy);
  ensure(next === null || next > moment.now, 'the next deadline is in the future');
  if (moment.before.stop) ensure(!has(actions, 'spawn'), 'nothing is spawned after a stop');
  if (fleet.stopped) ensure(fleet.workers.length === 0, 'stopped means that nobody is left');
  if (moment.before.stopped) ensure(acts(actions) === 0, 'after stopped nothing is done');
}

export function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`broken: ${what}`);
}

/** Walks both lists, which are in the order of ids, and compares worker by worker. */
function checkChanges(moment: Moment): void {
  const { before, event, now, result } = moment;
  const subject = 'worker' in event ? event.worker : 0;
  const after = result.fleet.workers;
  let changes = 0;
  let index = 0;
  for (const old of before.workers) {
    const worker = after[index];
    if (worker?.id !== old.id) {
      ensure(event.type === 'exited' && subject === old.id, 'only a worker that exited is gone');
      continue;
    }
    ensure(event.type !== 'exited' || subject !== old.id, 'a worker that exited is gone');
    changes += checkWorker(old, worker, moment);
    index += 1;
  }
  for (const worker of after.slice(index)) {
    ensure(worker.id > before.lastWorker, 'a number of a worker is never used again');
    ensure(worker.state === 'starting' && worker.startedAt === now, 'a spawned worker starts');
    ensure(asks(result.actions, 'spawn', worker.id), 'a new worker is spawned');
    const { serving, retryAt } = result.fleet;
    ensure(worker.generation !== serving || retryAt <= now, 'no respawn before its time');
    changes += 1;
  }
  for (let i = 1; i < after.length; i += 1) {
    ensure((after[i - 1]?.id ?? 0) < (after[i]?.id ?? 0), 'workers are in the order of their ids');
  }
  ensure(changes === acts(result.actions), 'every action is a change of exactly one worker');
}

/** The number of actions that the change of this worker needs. */
function checkWorker(old: Worker, worker: Worker, { event, now, policy, result }: Moment): number {
  const { actions } = result;
  const fresh = worker.state !== old.state;
  const isSubject = 'worker' in event && event.worker === old.id;
  const due = old.deadline !== null && old.deadline <= now;
  const { slot, generation } = worker;
  ensure(slot === old.slot && generation === old.generation, 'a worker keeps its place');
  const watched = policy.watchdog > 0;
  const waits = worker.deadline !== null;
  ensure(waits || worker.state === 'ready', 'only ready waits for nothing');
  ensure(!waits || worker.state !== 'ready' || watched, 'ready waits for a watchdog only');
  ensure(
    !fresh || worker.state !== 'ready' || waits === watched,
    'a watchdog watches who is ready',
  );
  const ceiling = worker.startedAt + policy.startCeiling;
  ensure(worker.state !== 'starting' || (worker.deadline ?? 0) <= ceiling, 'a start has a limit');
  ensure(worker.deadline === null || worker.deadline > now, 'nobody outlives a deadline');
  let needed = 0;
  if (fresh && worker.state === 'ready') {
    const proven = old.state === 'starting' && event.type === 'ready' && isSubject;
    ensure(proven, 'ready is proven, by one that starts');
  }
  ensure(!fresh || worker.state !== 'starting', 'nobody starts twice');
  if (fresh && worker.state === 'draining') {
    ensure(isLive(old), 'only a live worker is retired');
    ensure(asks(actions, 'retire', old.id), 'a draining worker was asked to leave');
    needed += 1;
  }
  if (worker.signalled && !old.signalled) {
    ensure(worker.state === 'draining', 'only a draining worker gets the stop signal');
    ensure(asks(actions, 'signal', old.id), 'a signalled worker was sent the signal');
    const idle = event.type === 'idle' && isSubject;
    ensure(idle || (due && has(actions, 'overdue')), 'the signal has its cause');
    needed += 1;
  }
  ensure(worker.signalled || !old.signalled, 'a signal cannot be taken back');
  if (worker.state === 'killing' && (fresh || due)) {
    ensure(asks(actions, 'kill', old.id), 'a killing worker is killed, again and again');
    const patience = old.state === 'draining' && event.type !== 'stop';
    ensure(!patience || (due && old.signalled), 'a draining worker has until its kill deadline');
    const hangs = old.state === 'ready' && watched && due;
    const ready = old.state === 'ready' && !hangs;
    const holds = ready || (old.accepting && old.state === 'starting');
    ensure(!holds || event.type === 'stop', 'who may hold connections is drained, not killed');
    needed += 1;
  }
  return needed;
}

function checkGenerations(fleet: Fleet, now: number, policy: Policy): void {
  const { serving, target, size, workers } = fleet;
  ensure(target === 0 || (target > serving && target === fleet.lastGeneration), 'one new target');
  ensure((target === 0) === (fleet.rollout === null), 'a target is being rolled out');
  ensure(fleet.rollout?.failure == null, 'a failed generation is rolled back at once');
  ensure(fleet.queued === null || target !== 0 || fleet.lastWorker === 0, 'no reload is forgotten');
  const outdated = fleet.queued?.changed.length && !fleet.rollout?.asked;
  let old = 0;
  let oldReady = 0;
  let coming = 0;
  let comingReady = 0;
  let lastReady = 0;
  let oldSlots = 0;
  let comingSlots = 0;
  for (const worker of workers) {
    if (!isLive(worker)) continue;
    const bit = 1 << worker.slot;
    ensure(fleet.stop === null, 'nobody lives on after a stop');
    if (worker.generation === serving) {
      ensure((oldSlots & bit) === 0, 'one worker a slot');
      oldSlots |= bit;
      old += 1;
      if (worker.state === 'ready') oldReady += 1;
    } else {
      ensure(worker.generation === target, 'live means serving or coming');
      ensure((comingSlots & bit) === 0, 'one worker a slot');
      comingSlots |= bit;
      coming += 1;
      if (worker.state === 'ready') comingReady += 1;
      lastReady = Math.max(lastReady, worker.readyAt ?? 0);
    }
  }
  ensure(old <= size && coming <= size, 'no more than wanted');
  if (fleet.stop) return;
  const alone = policy.firstAlone && serving === 0 && comingReady === 0;
  ensure(target === 0 || coming === (alone ? 1 : size), 'a target has all its workers');
  const overlap = fleet.rollout?.busy ? policy.busyOverlap : policy.overlap;
  const overlaps = oldReady > 0 && now < lastReady + overlap;
  ensure(target === 0 || comingReady < size || overlaps, 'all ready is rolled out');
  const mayAbandon = serving !== 0 || policy.waitForChange;
  const began = fleet.rollout?.startedAt ?? now;
  const late = fleet.putOffSince !== null && began - fleet.putOffSince >= policy.putOffFor;
  const stays = !mayAbandon || comingReady >= size || (late && now < began + policy.putOffFor);
  ensure(!outdated || stays, 'what is outdated is abandoned');
  ensure(serving === 0 || old === size || fleet.retryAt > now, 'too few is made good, or waits');
  const pleased = serving !== 0 && oldReady === size;
  ensure(!pleased || fleet.scaling.length === 0, 'as many as wanted is answered');
}

/** The heart of the product: who serves is touched for one of three reasons, and else never. */
function checkServing({ before, event, now, policy, result }: Moment): void {
  const { fleet, actions } = result;
  const rolledOut = has(actions, 'rolledOut');
  const scaled = event.type === 'scale' || event.type === 'scaleBy';
  ensure(fleet.serving === before.serving || rolledOut, 'who serves changes by a roll out');
  const counted = has(actions, 'crashed') || rolledOut || event.type === 'leaving';
  ensure(fleet.crashes === before.crashes || counted, 'only a crash is counted as one');
  if (rolledOut) {
    const ready = fleet.workers.filter((one) => one.generation === fleet.serving && isReady(one));
    ensure(ready.length === fleet.size, 'a rolled out generation is ready, all of it');
    ensure(fleet.serving === before.target, 'the target is rolled out');
  }
  let readyLeft = false;
  for (const old of before.workers) {
    if (!isLive(old) || (old.generation !== before.serving && old.generation !== before.target)) {
      continue;
    }
    const worker = fleet.workers.find((one) => one.id === old.id);
    if (!worker || isLive(worker) || fleet.stop) continue;
    if (old.generation !== fleet.serving) continue;
    const due = old.deadline !== null && old.deadline <= now;
    const left = event.type === 'leaving' && event.worker === old.id;
    if (isReady(old) && !due && !left) readyLeft = true;
    const unfit = event.type === 'unfit' && event.worker === old.id;
    const wasAsked = scaled || due || left || (unfit && !isReady(old));
    ensure(wasAsked, 'a serving worker is left alone');
    if (due || unfit) ensure(asks(actions, 'crashed', old.id), 'a failed respawn is a crash');
  }
  if (readyLeft) {
    const live = fleet.workers.filter((one) => one.generation === fleet.serving && isLive(one));
    ensure(live.every(isReady), 'starting workers go before ready ones');
    ensure(live.length === fleet.size && fleet.size < before.size, 'down to the size, not below');
  }
  for (const action of actions) {
    if (action.type !== 'crashed') continue;
    const old = before.workers.find((one) => one.id === action.worker);
    const served = old && isLive(old) && old.generation === before.serving;
    ensure(served === true, 'only who serves can crash');
  }
  if (event.type === 'exited' && before.target !== 0) {
    const old = before.workers.find((one) => one.id === event.worker);
    const coming = old && isLive(old) && old.generation === before.target;
    const stray = event.stray && old?.state === 'starting';
    ensure(
      !coming || stray || has(actions, 'rolledBack'),
      'whoever exits during its roll out fails it',
    );
  }
  if (has(actions, 'rolledBack')) {
    ensure(fleet.serving === before.serving, 'a roll back leaves who serves');
    const goesOn = before.serving !== 0 || policy.waitForChange;
    ensure(goesOn || fleet.stop !== null, 'a start that failed is the end');
  }
  if (has(actions, 'abandoned')) {
    const changed = event.type === 'changed' || before.queued?.changed.length;
    const { rollout } = before;
    ensure(rollout !== null && !rollout.asked && Boolean(changed), 'abandoned for a change');
    ensure(rollout.requests.length === 0, 'nobody waits for what is abandoned');
    ensure(fleet.serving === before.serving, 'an abandoned roll out leaves who serves');
  }
  const serves = (one: Worker) => one.generation === before.serving && isReady(one);
  const wasDown = policy.maxCrashes > 0 && !before.workers.some(serves);
  const asked = event.type === 'stop' || before.stop !== null || before.serving === 0;
  const lost = event.type === 'exited' || event.type === 'leaving' || has(actions, 'crashed');
  ensure(!fleet.stop || asked || wasDown || lost, 'a stop has its cause');
}

/** Whoever waited still waits, or was answered; nobody is both. */
function checkRequests({ before, event, result }: Moment): void {
  const replies = result.actions.filter((action) => action.type === 'reply').length;
  const asked = 'request' in event && event.request !== undefined ? 1 : 0;
  const waiting = waitingIn(before).length + asked - replies;
  ensure(waitingIn(result.fleet).length === waiting, 'every request is answered once');
  for (const action of result.actions) {
    if (action.type !== 'reply' || !action.ok) continue;
    const { request } = action;
    const asking = event.type === 'scale' && event.request === request;
    if (!asking && before.scaling.every((one) => one.request !== request)) continue;
    const { workers, serving, size } = result.fleet;
    const ready = workers.filter((one) => one.generation === serving && isReady(one));
    ensure(ready.length === size, 'scaled means as many ready as asked for');
  }
  const told = has(result.actions, 'stopped');
  ensure(told === (result.fleet.stopped && !before.stopped), 'stopped is told once');
}

/** Those who still wait for an answer. */
export function waitingIn({ stopped, rollout, queued, scaling, stop }: Fleet): RequestId[] {
  if (stopped) return [];
  const scalers = scaling.map((one) => one.request);
  return [
    ...(rollout?.requests ?? []),
    ...(queued?.requests ?? []),
    ...scalers,
    ...(stop?.requests ?? []),
  ];
}

const isReady = (worker: Worker) => worker.state === 'ready';

function has(actions: readonly Action[], type: Action['type']): boolean {
  return actions.some((action) => action.type === type);
}

function asks(actions: readonly Action[], type: Action['type'], worker: number): boolean {
  return actions.some(
    (action) => action.type === type && 'worker' in action && action.worker === worker,
  );
}

/** Actions that touch a process. */
function acts(actions: readonly Action[]): number {
  let count = 0;
  for (const { type } of actions) {
    if (type === 'spawn' || type === 'retire' || type === 'signal' || type === 'kill') count += 1;
  }
  return count;
}
