// The observer that writes transitions into the log: a line each, with the workers after it and, where something
// failed, the cause as a word for programs. At `debug` level each event besides, as `--record` writes it.

import type { MasterCommand, Notice } from '../core/commands.js';
import { exitStatusOf, type Failure } from '../core/failure.js';
import { findWorker, isMember, type Worker } from '../core/fleet.js';
import type { StepRecord } from '../core/step-record.js';
import { formatDuration } from '../text/duration.js';
import {
  describeEnding,
  describeFailure,
  describeRest,
  describeStopReason,
  describeWorkerNotice,
  nameOf,
  tooManyDraining,
} from '../text/failure-text.js';
import { describeFiles } from '../text/file-list.js';
import { summarizeFleet } from '../text/fleet-summary.js';
import type { Log } from './logger.js';

interface LogLine {
  /** `info` if it is left out. */
  readonly level?: 'info' | 'warn' | 'error';
  /** For programs that read the log: the name of the event, the command or the notice. */
  readonly event: string;
  readonly text: string;
  readonly worker?: Pick<Worker, 'slot' | 'generation' | 'pid'> | undefined;
  readonly fields?: object;
}

/** Level by consequence: `info`, or `warn` when a limit was exceeded, or `error` when somebody has to act. */
export function logFleet(log: Log): (change: StepRecord) => void {
  return (change) => {
    const { at, event, notices, commands } = change;
    const followed = [...notices, ...commands].map(({ type }) => type).join(', ');
    log.debug({ record: { at, event } }, `${event.type} -> ${followed || '-'}`);
    const lines = [
      eventLine(change),
      ...change.notices.map((notice) => noticeLine(change, notice)),
      ...change.commands.map((command) => commandLine(change, command)),
    ];
    const census = summarizeFleet(change.after);
    for (const line of lines) {
      if (line === null) continue;
      const { level = 'info', event, text, worker, fields } = line;
      const subject = worker && {
        ...{ generation: worker.generation, worker: worker.slot, workerPid: worker.pid },
      };
      log[level]({ event, ...subject, ...fields, census }, text);
    }
  };
}

function eventLine({ event, before, after }: StepRecord): LogLine | null {
  const line = (text: string, worker?: Worker) => ({ event: event.type, text, worker });
  if (before.workersWanted !== after.workersWanted) {
    return line(`scaling from ${before.workersWanted} to ${after.workersWanted}`);
  }
  const isRunning = after.lifecycle.state === 'running';
  switch (event.type) {
    case 'reload':
      if (!isRunning) return line('reload requested, but stopping');
      return line(before.rollout ? 'reload requested; it follows this one' : 'reload requested');
    case 'filesChanged': {
      const { rollout } = after;
      const isNext = rollout !== null && rollout.generation === before.rollout?.generation;
      const text = `changed: ${describeFiles(event.files)}`;
      return isRunning ? line(isNext ? `${text}; a reload follows this one` : text) : null;
    }
    case 'spawned': {
      const worker = findWorker(after, event.worker);
      return worker ? line(`starting ${nameOf(worker)}`, worker) : null;
    }
    case 'ready':
    case 'startTimeExtended': {
      const worker = findWorker(before, event.worker);
      if (worker?.state !== 'starting') return null;
      const isReady = event.type === 'ready';
      const what = isReady ? 'is ready' : `asks for ${formatDuration(event.ms)} more to start`;
      return line(`${nameOf(worker)} ${what}`, worker);
    }
    case 'exited': {
      const worker = findWorker(before, event.worker);
      // A notice tells of a member.
      if (!worker || isMember(worker)) return null;
      return line(`${nameOf(worker)} ${describeEnding(event.ending)}`, worker);
    }
    default:
      return null;
  }
}

function noticeLine({ before, after }: StepRecord, notice: Notice): LogLine {
  const event = notice.type;
  const generation = 'generation' in notice ? notice.generation : null;
  const name = `generation ${generation}`;
  switch (notice.type) {
    case 'rolledOut': {
      const durationMs = Math.round(notice.durationMs);
      const text = `${name} rolled out in ${durationMs} ms`;
      return { event, text, fields: { generation, durationMs } };
    }
    case 'rolledBack': {
      const reason = describeFailure(notice.failure);
      const text = `${name} failed, ${describeRest(after, 'generation ')}: ${reason}`;
      const fields = { generation, reason, ...causeOf(notice.failure) };
      return { level: 'error', event, text, fields };
    }
    case 'rolloutAbandoned':
      return { event, text: `${name} abandoned for a newer change`, fields: { generation } };
    case 'workerCrashed': {
      const { failure } = notice;
      const text = describeFailure(failure);
      return { level: 'error', event, text, worker: failure.worker, fields: causeOf(failure) };
    }
    case 'startedAgain':
    case 'replacing':
    case 'drainTimedOut':
    case 'killTimedOut': {
      const worker = findWorker(before, notice.worker);
      const text = `${worker ? nameOf(worker) : 'a worker'} ${describeWorkerNotice(notice)}`;
      const isLimit = notice.type === 'drainTimedOut' || notice.type === 'killTimedOut';
      return { level: isLimit ? 'warn' : 'info', event, text, worker };
    }
    case 'drainCutShort': {
      const { limit } = notice;
      const text = `${tooManyDraining(limit)}; sending the stop signal to ${name}, the oldest`;
      return { level: 'warn', event, text, fields: { generation, limit } };
    }
    case 'shutdownBegun': {
      const [first] = describeStopReason(notice.reason).split('\n', 1);
      return { event, text: `stopping: ${first}` };
    }
    case 'shutdownDone':
      return { event, text: 'stopped', fields: { status: exitStatusOf(notice.reason) } };
  }
}

function commandLine({ after }: StepRecord, command: MasterCommand): LogLine | null {
  const event = command.type;
  if (event !== 'retire' && event !== 'kill') return null;
  const worker = findWorker(after, command.worker);
  if (!worker) return null;
  if (event === 'retire') return { event, text: `retiring ${nameOf(worker)}`, worker };
  return { level: 'warn', event, text: `killing ${nameOf(worker)}`, worker };
}

function causeOf({ cause }: Failure): object {
  return { cause: cause.type, ...(cause.type === 'exited' && { ending: cause.ending }) };
}
