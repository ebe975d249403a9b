// The invariants of requests: each is answered once, by the outcome that it waited for, and what was asked is remembered.
import { isDeepStrictEqual } from 'node:util';
import type { Command } from '../../src/core/commands.js';
import type { MasterEvent } from '../../src/core/events.js';
import type { Outcome } from '../../src/core/failure.js';
import {
  type Fleet,
  isMember,
  phaseOf,
  type RequestId,
  type RolloutTrigger,
} from '../../src/core/fleet.js';
import { MAX_WORKERS } from '../../src/core/policy.js';
import { ensure } from './ask.js';
import type { Moment } from './steps.js';

type Reply = Extract<Command, { type: 'reply' }>;

const FIRST_START: RolloutTrigger = { requests: [], asked: false, changedFiles: [] };

/** Every request is answered once: it waits, or is answered. */
export function checkRequests(moment: Moment): void {
  const { before, after, event, commands } = moment;
  const asked = requestOf(event);
  const replies = commands.flatMap((one) => (one.type === 'reply' ? [one] : []));
  const waiting = waitingIn(before).length + (asked === null ? 0 : 1) - replies.length;
  ensure(waitingIn(after).length === waiting, 'every request is answered once');
  for (const reply of replies) checkReply(reply, moment);
  checkTrigger(moment);
  checkScaling(moment);
}

export function requestOf(event: MasterEvent): RequestId | null {
  return 'request' in event ? (event.request ?? null) : null;
}

/** Those that still wait for an answer. */
export function waitingIn({ lifecycle, rollout, nextRollout, scaling }: Fleet): RequestId[] {
  return [
    ...(rollout?.requests ?? []),
    ...(nextRollout?.requests ?? []),
    ...scaling.map(({ request }) => request),
    ...(lifecycle.state === 'stopping' ? lifecycle.requests : []),
  ];
}

function checkReply(reply: Reply, moment: Moment): void {
  const { before, after, event, notices } = moment;
  const { request, outcome, generation } = reply;
  const isNew = requestOf(event) === request;
  const refused = isNew ? refusalOf(moment) : null;
  if (refused) return ensure(isDeepStrictEqual(outcome, refused), 'a refusal says why');
  const rolledBack = notices.find((notice) => notice.type === 'rolledBack');
  const wasInRollout = before.rollout?.requests.includes(request) ?? false;
  if (after.lifecycle.state === 'running') {
    const about = rolledBack && wasInRollout ? rolledBack.generation : after.serving;
    // What the event answers by itself is answered before a rollout ends in the same step.
    const isEarly = !wasInRollout && outcome.type !== 'done' && generation === before.serving;
    ensure(generation === about || isEarly, 'an answer names its generation');
  }
  switch (outcome.type) {
    case 'accepted':
      return ensure(
        (event.type === 'reload' && event.wait === false) || phaseOf(after) === 'waiting',
        'only a request that does not wait, or a scaling before anything serves',
      );
    case 'done':
      return checkDone(request, moment);
    case 'failed': {
      if (wasInRollout || before.nextRollout?.requests.includes(request)) {
        return ensure(
          isDeepStrictEqual(outcome.failure, rolledBack?.failure),
          'a failed reload was rolled back',
        );
      }
      const isOfStart = rolledBack !== undefined && before.serving === null;
      return ensure(
        !outcome.failure.wasReady || isOfStart,
        'a scaling fails with a worker that starts',
      );
    }
    case 'cancelled':
      return ensure(
        isDeepStrictEqual(outcome, cancelled(after)) && !isNew,
        'a stop cancels what is under way',
      );
    case 'refused':
      if (outcome.refusal.type === 'superseded') {
        const old = before.scaling.find((one) => one.request === request);
        const { workersWanted: workers } = after;
        ensure(old !== undefined && old.workers !== workers, 'another size supersedes');
        return ensure(outcome.refusal.workers === workers, 'the new size is told');
      }
      return ensure(
        after.lifecycle.state !== 'running' &&
          (before.nextRollout?.requests.includes(request) ?? false),
        'only what has not begun is refused',
      );
  }
}

function checkDone(request: RequestId, { before, after, event }: Moment): void {
  if (after.lifecycle.state !== 'running') {
    return ensure(after.lifecycle.state === 'stopped', 'a stop is done at its end');
  }
  const isScaling = before.scaling.some((one) => one.request === request);
  if (isScaling || (event.type === 'scale' && event.request === request)) {
    const members = after.workers.filter(isMember);
    const serving = members.filter(({ generation }) => generation === after.serving);
    const ready = serving.filter(({ state }) => state === 'ready');
    return ensure(ready.length === after.workersWanted, 'scaled means as many ready as asked for');
  }
  ensure(before.rollout?.requests.includes(request) ?? false, 'a reload is done by a rollout');
  ensure(after.serving === before.rollout?.generation, 'a reload that is done serves');
}

/** A first start that failed is told as such. */
function cancelled({ lifecycle }: Fleet): Outcome | null {
  if (lifecycle.state === 'running' || lifecycle.reason.type === 'firstStartFailed') return null;
  return { type: 'cancelled', reason: lifecycle.reason };
}

/** The only right answer to a request that cannot be begun. */
function refusalOf({ before: { lifecycle }, event }: Moment): Outcome | null {
  if (event.type === 'scale' && !Number.isSafeInteger(event.workers)) {
    return { type: 'refused', refusal: { type: 'notANumberOfWorkers', workers: event.workers } };
  }
  if (lifecycle.state === 'stopped') return { type: 'refused', refusal: { type: 'stopped' } };
  if (lifecycle.state === 'running' || event.type === 'stop') return null;
  return { type: 'refused', refusal: { type: 'stopping', reason: lifecycle.reason } };
}

/** The next rollout is made for all that was asked since the last one began, and none of it is forgotten. */
function checkTrigger({ before, after, event, at }: Moment): void {
  const { rollout, nextRollout, lifecycle } = after;
  if (lifecycle.state !== 'running') return;
  // Nobody asked for the first start: a change of files may abandon it.
  const next = before.lastGeneration === 0 ? FIRST_START : before.nextRollout;
  const expected = triggerAfter(next, event);
  const begins = rollout !== null && rollout.generation !== before.rollout?.generation;
  if (!begins)
    return ensure(isDeepStrictEqual(nextRollout, expected), 'what was asked is remembered');
  const { requests, asked, changedFiles, startedAt, generation } = rollout;
  ensure(
    isDeepStrictEqual({ requests, asked, changedFiles }, expected),
    'a rollout is for what was asked',
  );
  ensure(startedAt === at && nextRollout === null, 'a rollout begins now');
  ensure(generation === before.lastGeneration + 1, 'generations are counted');
  ensure(generation === after.lastGeneration, 'the last generation is remembered');
}

function triggerAfter(next: RolloutTrigger | null, event: MasterEvent): RolloutTrigger | null {
  const { requests = [], asked = false, changedFiles = [] } = next ?? {};
  if (event.type === 'filesChanged') {
    return { requests, asked, changedFiles: [...new Set([...changedFiles, ...event.files])] };
  }
  if (event.type !== 'reload') return next;
  const waits = event.request !== undefined && event.wait !== false;
  return { requests: waits ? [...requests, event.request] : requests, asked: true, changedFiles };
}

/** As many workers are wanted as was asked last, within the limits. */
function checkScaling({ before, after, event }: Moment): void {
  const asked =
    event.type === 'scale'
      ? event.workers
      : before.workersWanted + (event.type === 'scaleBy' ? event.delta : 0);
  const isChange = before.lifecycle.state === 'running' && Number.isSafeInteger(asked);
  const wanted = isChange ? Math.min(MAX_WORKERS, Math.max(1, asked)) : before.workersWanted;
  ensure(after.workersWanted === wanted, 'as many workers are wanted as was asked last');
  for (const { workers } of after.scaling)
    ensure(workers === wanted, 'only the last size is waited for');
}
