// The observer that writes transitions down: one line each, with the census. At `debug` every turn besides,
// in the form of the transcripts of the tests, so that a trace from production pastes into one.

import type { Action, Event, Fleet, Worker } from '../core/fleet.js';
import { formatDuration } from '../text/duration.js';
import { describeFiles } from '../text/file-list.js';
import { census, nameOf } from '../text/fleet-summary.js';
import type { Log } from './logger.js';

interface SeenTurn {
  readonly event: Event;
  readonly at: number;
  readonly before: Fleet;
  readonly after: Fleet;
  readonly actions: readonly Action[];
}

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  /** For programs that read the log: the name of the event or action. */
  readonly event: string;
  readonly text: string;
  readonly worker?: Worker;
  readonly fields?: object;
}

/** Level by consequence: `warn` when patience ran out, `error` when somebody must act. */
export function logTurns(log: Log): (turn: SeenTurn) => void {
  return (turn) => {
    if (log.isLevelEnabled('debug')) log.debug(transcript(turn));
    for (const line of [
      ...eventLines(turn),
      ...turn.actions.flatMap((one) => actionLines(turn, one)),
    ]) {
      const { level, event, text, worker, fields } = line;
      const subject = worker && {
        generation: worker.generation,
        worker: worker.slot,
        workerPid: worker.pid,
      };
      log[level]({ event, ...subject, ...fields, census: census(turn.after) }, text);
    }
  };
}

function transcript({ event, at, after, actions }: SeenTurn): string {
  const subject = 'worker' in event ? ` #${event.worker}` : '';
  const done = actions.map((one) => ('worker' in one ? `${one.type} #${one.worker}` : one.type));
  const workers = after.workers.map((one) => `#${one.id}g${one.generation}:${one.state}`);
  return `${Math.round(at)} ${event.type}${subject} -> ${done.join(', ') || '-'} | ${workers.join(' ')}`;
}

function eventLines({ event, before, after }: SeenTurn): Line[] {
  const line = (text: string, worker?: Worker, fields = {}): Line[] => [
    { level: 'info', event: event.type, text, fields, ...(worker && { worker }) },
  ];
  if (before.size !== after.size) return line(`scaling from ${before.size} to ${after.size}`);
  switch (event.type) {
    case 'reload':
      if (after.stop) return line('reload asked for, but stopping');
      return line(
        before.target === 0 ? 'reload asked for' : 'reload asked for; it follows this one',
      );
    case 'changed': {
      if (after.stop) return [];
      const follows = after.target !== 0 && after.target === before.target;
      return line(
        `changed: ${describeFiles(event.files)}${follows ? '; a reload follows this one' : ''}`,
      );
    }
    case 'spawned': {
      const worker = find(after, event.worker);
      return worker ? line(`starting ${nameOf(worker)}`, worker) : [];
    }
    case 'ready': {
      const worker = find(before, event.worker);
      if (worker?.state !== 'starting') return [];
      // Busy: why the old ones serve beside it for longer.
      return line(`${nameOf(worker)} is ready`, worker, event.busy ? { busy: true } : {});
    }
    case 'extended': {
      const worker = find(before, event.worker);
      const asks = `asks for ${formatDuration(event.ms)} more to start`;
      return worker?.state === 'starting' ? line(`${nameOf(worker)} ${asks}`, worker) : [];
    }
    case 'leaving': {
      const worker = find(before, event.worker);
      return worker?.state === 'ready' ? line(`${nameOf(worker)} stops by itself`, worker) : [];
    }
    case 'exited': {
      const worker = find(before, event.worker);
      if (worker?.state === 'starting' && event.stray) {
        const why = 'which was meant for the master; spawning it once more';
        return line(`${nameOf(worker)} ${event.reason}, ${why}`, worker);
      }
      const expected = worker?.state === 'draining' || worker?.state === 'killing';
      return worker && expected ? line(`${nameOf(worker)} ${event.reason}`, worker) : [];
    }
    default:
      return [];
  }
}

function actionLines({ before, after }: SeenTurn, action: Action): Line[] {
  const event = action.type;
  switch (action.type) {
    case 'retire':
    case 'kill': {
      const worker = find(after, action.worker);
      if (!worker) return [];
      const retires = action.type === 'retire';
      const text = `${retires ? 'retiring' : 'killing'} ${nameOf(worker)}`;
      return [{ level: retires ? 'info' : 'warn', event, text, worker }];
    }
    case 'overdue': {
      const worker = find(after, action.worker);
      return [{ level: 'warn', event, text: action.what, ...(worker && { worker }) }];
    }
    case 'crashed': {
      const worker = find(before, action.worker);
      return [{ level: 'error', event, text: action.reason, ...(worker && { worker }) }];
    }
    case 'rolledOut': {
      const { generation } = action;
      const durationMs = Math.round(action.durationMs);
      const text = `generation ${generation} rolled out in ${durationMs} ms`;
      return [{ level: 'info', event, text, fields: { generation, durationMs } }];
    }
    case 'rolledBack': {
      const { generation, reason } = action;
      const kept = whatIsLeft(after);
      const text = `generation ${generation} failed, ${kept}: ${reason}`;
      return [{ level: 'error', event, text, fields: { generation, reason } }];
    }
    case 'abandoned': {
      const { generation } = action;
      const text = `generation ${generation} abandoned for the newer change`;
      return [{ level: 'info', event, text, fields: { generation } }];
    }
    case 'stopping':
      return [{ level: 'info', event, text: `stopping: ${action.reason.split('\n', 1)[0]}` }];
    case 'stopped':
      return [{ level: 'info', event, text: 'stopped', fields: { status: action.status } }];
    // A spawn is told with its pid, when that is known.
    case 'spawn':
    case 'signal':
    case 'reply':
      return [];
    default:
      return action satisfies never;
  }
}

function whatIsLeft(fleet: Fleet): string {
  if (fleet.serving !== 0) return `generation ${fleet.serving} keeps serving`;
  return fleet.stop ? 'nothing to fall back on' : 'nothing serves until a file changes';
}

function find(fleet: Fleet, id: number): Worker | undefined {
  return fleet.workers.find((one) => one.id === id);
}
