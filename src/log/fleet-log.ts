// The observer that writes transitions into the log: a line each, with the workers after it and, where something
// failed, the cause as a word for programs. At `debug` level each event besides, as `--record` writes it.

import type { MasterCommand, Notice } from '../core/commands.js';
import { exitStatusOf, type Failure } from '../core/failure.js';
import { type Fleet, hasReadyWorker, isMember, type Worker } from '../core/fleet.js';
import type { StepRecord } from '../core/step-record.js';
import { formatDuration } from '../text/duration.js';
import {
  describeEnding,
  describeFailure,
  describeStopReason,
  describeWorkerNotice,
  findWorker,
  nameOf,
  tooManyDraining,
} from '../text/failure-text.js';
import { describeFiles } from '../text/file-list.js';
import { summarizeFleet } from '../text/fleet-summary.js';
import type { Log } from './logger.js';

interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  /** For programs that read the log: the name of the event, the command or the notice. */
  readonly event: string;
  readonly text: string;
  readonly worker?: Pick<Worker, 'slot' | 'generation' | 'pid'> | undefined;
  readonly fields?: object;
}

/** Level by consequence: `warn` when a limit was exceeded, `error` when somebody has to act. */
export function logFleet(log: Log): (change: StepRecord) => void {
  return (change) => {
    const { event, at } = change;
    if (log.isLevelEnabled('debug')) log.debug({ record: { at, event } }, outline(change));
    const lines = [
      ...eventLines(change),
      ...change.notices.map((notice) => noticeLine(change, notice)),
      ...change.commands.flatMap((command) => commandLines(change, command)),
    ];
    for (const { level, event: name, text, worker, fields } of lines) {
      const subject = worker && {
        generation: worker.generation,
        worker: worker.slot,
        workerPid: worker.pid,
      };
      const census = summarizeFleet(change.after);
      log[level]({ event: name, ...subject, ...fields, census }, text);
    }
  };
}

/** `1204 exited #3 -> workerCrashed, spawn #4`, with the time of the fleet in milliseconds. */
function outline({ event, at, commands, notices }: StepRecord): string {
  const text = (one: { type: string; worker?: number }) =>
    one.worker === undefined ? one.type : `${one.type} #${one.worker}`;
  const effects = [...notices.map(({ type }) => type), ...commands.map(text)].join(', ');
  return `${Math.round(at)} ${text(event)} -> ${effects || '-'}`;
}

function eventLines({ event, before, after }: StepRecord): LogLine[] {
  const line = (text: string, worker?: Worker): LogLine[] => [
    { level: 'info', event: event.type, text, worker },
  ];
  if (before.workersWanted !== after.workersWanted) {
    return line(`scaling from ${before.workersWanted} to ${after.workersWanted}`);
  }
  const isRunning = after.lifecycle.state === 'running';
  switch (event.type) {
    case 'reload':
      if (!isRunning) return line('reload requested, but stopping');
      return line(before.rollout ? 'reload requested; it follows this one' : 'reload requested');
    case 'filesChanged': {
      if (!isRunning) return [];
      const isNext =
        after.rollout !== null && after.rollout.generation === before.rollout?.generation;
      const follows = isNext ? '; a reload follows this one' : '';
      return line(`changed: ${describeFiles(event.files)}${follows}`);
    }
    case 'spawned': {
      const worker = findWorker(after, event.worker);
      return worker ? line(`starting ${nameOf(worker)}`, worker) : [];
    }
    case 'ready': {
      const worker = findWorker(before, event.worker);
      return worker?.state === 'starting' ? line(`${nameOf(worker)} is ready`, worker) : [];
    }
    case 'startTimeExtended': {
      const worker = findWorker(before, event.worker);
      if (worker?.state !== 'starting') return [];
      return line(`${nameOf(worker)} asks for ${formatDuration(event.ms)} more to start`, worker);
    }
    case 'exited': {
      const worker = findWorker(before, event.worker);
      if (!worker) return [];
      // A notice tells of the others.
      if (isMember(worker)) return [];
      return line(`${nameOf(worker)} ${describeEnding(event.ending)}`, worker);
    }
    default:
      return [];
  }
}

function noticeLine({ before, after }: StepRecord, notice: Notice): LogLine {
  const event = notice.type;
  switch (notice.type) {
    case 'rolledOut': {
      const { generation } = notice;
      const durationMs = Math.round(notice.durationMs);
      const text = `generation ${generation} rolled out in ${durationMs} ms`;
      return { level: 'info', event, text, fields: { generation, durationMs } };
    }
    case 'rolledBack': {
      const { generation, failure } = notice;
      const reason = describeFailure(failure);
      const text = `generation ${generation} failed, ${whatRemains(after)}: ${reason}`;
      const fields = { generation, reason, ...causeOf(failure) };
      return { level: 'error', event, text, fields };
    }
    case 'rolloutAbandoned': {
      const { generation } = notice;
      const text = `generation ${generation} abandoned for a newer change`;
      return { level: 'info', event, text, fields: { generation } };
    }
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
      const { generation, limit } = notice;
      const text = `${tooManyDraining(limit)}; sending the stop signal to generation ${generation}, the oldest`;
      return { level: 'warn', event, text, fields: { generation, limit } };
    }
    case 'shutdownBegun': {
      const [first] = describeStopReason(notice.reason).split('\n', 1);
      return { level: 'info', event, text: `stopping: ${first}` };
    }
    case 'shutdownDone':
      return {
        ...{ level: 'info', event, text: 'stopped' },
        fields: { status: exitStatusOf(notice.reason) },
      };
  }
}

function commandLines({ after }: StepRecord, command: MasterCommand): LogLine[] {
  if (command.type !== 'retire' && command.type !== 'kill') return [];
  const worker = findWorker(after, command.worker);
  if (!worker) return [];
  const isRetired = command.type === 'retire';
  const text = `${isRetired ? 'retiring' : 'killing'} ${nameOf(worker)}`;
  return [{ level: isRetired ? 'info' : 'warn', event: command.type, text, worker }];
}

function causeOf({ cause }: Failure): object {
  return { cause: cause.type, ...(cause.type === 'exited' && { ending: cause.ending }) };
}

function whatRemains(fleet: Fleet): string {
  const { serving, lifecycle } = fleet;
  if (hasReadyWorker(fleet, serving)) return `generation ${serving} keeps serving`;
  if (serving !== null) return `no worker of generation ${serving} is ready either`;
  if (lifecycle.state !== 'running') return 'nothing to fall back on';
  return 'nothing serves until a file changes';
}
