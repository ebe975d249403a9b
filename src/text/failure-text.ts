// How failures, notices, refusals and reasons read: in the log, in `status`, in the answer to `reload` and in `dev`. The only
// place that turns them into English. Pure.

import type { Notice } from '../core/commands.js';
import type { Ending, Failure, Refusal, StopReason, WorkerRef } from '../core/failure.js';
import { type Fleet, hasReadyWorker, phaseOf } from '../core/fleet.js';
import { formatDuration } from './duration.js';
import { locateException } from './exception-text.js';

/** `worker 2 of generation 5 (pid 4711)`. */
export function nameOf({ slot, generation, pid }: Omit<WorkerRef, 'id'>): string {
  return `worker ${slot} of generation ${generation}${pid === null ? '' : ` (pid ${pid})`}`;
}

/** `exited with status 1`, `was killed by SIGKILL`; a part of a sentence that begins with the worker. */
export function describeEnding(ending: Ending): string {
  switch (ending.type) {
    case 'status':
      return `exited with status ${ending.status}`;
    case 'signal':
      return `was killed by ${ending.signal}`;
    case 'notStarted':
      return `could not be started: ${ending.problem}`;
  }
}

/** The whole sentence; an exception follows it in further lines. */
export function describeFailure(failure: Failure): string {
  return `${nameOf(failure.worker)} ${describeCause(failure)}`;
}

function describeCause({ cause, wasReady }: Pick<Failure, 'cause' | 'wasReady'>): string {
  switch (cause.type) {
    case 'exited': {
      const isEarly = !wasReady && cause.ending.type !== 'notStarted';
      const exception = cause.exception === null ? '' : `: ${cause.exception}`;
      return `${describeEnding(cause.ending)}${isEarly ? ' before it was ready' : ''}${exception}`;
    }
    case 'startTimeout': {
      const problem = cause.problem === null ? '' : `: ${cause.problem}`;
      return `was not ready within ${formatDuration(cause.after)}${problem}`;
    }
    case 'hung': {
      const hint = cause.watchdogSeen
        ? ''
        : ', nor ever before: WATCHDOG=1 to $NOTIFY_SOCKET is one';
      return `gave no sign of life for ${formatDuration(cause.after)}${hint}`;
    }
    case 'cannotServe':
      return `cannot serve: ${cause.problem}`;
    case 'stoppedItself':
      return wasReady ? 'stopped by itself' : 'stopped before it was ready';
    case 'reportedUnhealthy':
      return 'reported that it is not healthy (WATCHDOG=trigger)';
  }
}

/**
 * For people who look at the output of the workers: `SyntaxError: Unexpected token (lib/a.mjs:3)` for an exception, with its
 * file relative to `cwd`, and any other failure as a sentence about `worker 1`. As `crash` it begins with a verb instead.
 * One line, and further ones if it has them.
 */
export function summarizeFailure(failure: Failure, cwd: string, crash = false): string[] {
  const { cause, worker } = failure;
  if (cause.type === 'exited' && cause.exception !== null) {
    return [`${crash ? 'crashed: ' : ''}${locateException(cause.exception, cwd)}`];
  }
  return `${crash ? '' : `worker ${worker.slot} `}${describeCause(failure)}`.split('\n');
}

/** What serves after a generation has failed. `prefix` and its number are the name of a generation. */
export function describeRest(fleet: Fleet, prefix: 'generation ' | 'g'): string {
  const { serving, rollout, lifecycle } = fleet;
  if (hasReadyWorker(fleet, serving)) return `${prefix}${serving} keeps serving`;
  if (serving !== null) return `no worker of ${prefix}${serving} is ready either`;
  if (lifecycle.state !== 'running') return 'nothing to fall back on';
  if (phaseOf(fleet) === 'waiting') return 'nothing serves, waiting for a change';
  return `starting ${prefix}${rollout?.generation}`;
}

export function describeStopReason(reason: StopReason): string {
  switch (reason.type) {
    case 'requested':
      return 'asked to stop';
    case 'gaveUp':
      return `gave up after ${reason.crashes} crashes`;
    case 'firstStartFailed':
      return describeFailure(reason.failure);
  }
}

/** Why a request that was under way has no outcome. */
export function describeStopping(reason: StopReason): string {
  const why = reason.type === 'requested' ? '' : `: ${describeStopReason(reason)}`;
  return `graceful-run is stopping${why}`;
}

export function describeRefusal(refusal: Refusal): string {
  switch (refusal.type) {
    case 'stopping':
      return describeStopping(refusal.reason);
    case 'stopped':
      return 'graceful-run has stopped';
    case 'superseded':
      return `a later request scales to ${refusal.workers}`;
    case 'notANumberOfWorkers':
      return `${refusal.workers} is not a number of workers`;
  }
}

export type WorkerNotice = Extract<
  Notice,
  { type: 'startedAgain' | 'replacing' | 'drainTimedOut' | 'killTimedOut' }
>;

/** A part of a sentence that begins with the worker. */
export function describeWorkerNotice(notice: WorkerNotice): string {
  switch (notice.type) {
    case 'replacing': {
      const stops = notice.reason === 'stopping';
      return `${stops ? 'stops by itself' : 'reports that it is not healthy'}; starting its replacement`;
    }
    case 'startedAgain':
      return `was killed by ${notice.signal}, a signal for the master; starting it again`;
    case 'drainTimedOut':
      return `still had work after ${formatDuration(notice.after)}; sending the stop signal`;
    case 'killTimedOut':
      return 'did not exit after the stop signal; killing it';
  }
}

/** Says which limit of `--max-draining` was exceeded. */
export function tooManyDraining(limit: number): string {
  return `more than ${limit === 1 ? '1 generation is draining' : `${limit} generations are draining`}`;
}
