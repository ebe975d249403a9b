// The observer that tells a developer what became of a change: one line a reload, and what went wrong. Pure.

import {
  type Action,
  type Event,
  type Fleet,
  phaseOf,
  type Rollout,
  type Worker,
} from '../core/fleet.js';
import { formatDuration } from '../text/duration.js';
import { shortReason } from '../text/failure-text.js';
import { describeFiles } from '../text/file-list.js';

export interface Line {
  readonly mark: 'ok' | 'failed' | 'note';
  readonly text: string;
  readonly details?: readonly string[];
}

export interface SeenTurn {
  readonly event: Event;
  readonly at: number;
  readonly before: Fleet;
  readonly after: Fleet;
  readonly actions: readonly Action[];
}

/** Normal drains are not told. Paths are shortened as seen from `cwd`; `impatience` says how to stop at once. */
export function createStory(cwd: string, impatience: () => string): (turn: SeenTurn) => Line[] {
  /** Places of the serving generation whose worker crashed and is not back yet. */
  const down = new Set<string>();

  function tell(turn: SeenTurn, action: Action): Line[] {
    switch (action.type) {
      case 'rolledOut': {
        down.clear();
        const time = formatDuration(action.durationMs);
        const text = `g${action.generation} serves, ${time}${because(turn.before.rollout, action.generation === 1)}`;
        return [{ mark: 'ok', text }];
      }
      case 'rolledBack': {
        const { text, more } = shortReason(action.reason, cwd);
        return [failure(`g${action.generation} failed: ${text}; ${whatIsLeft(turn.after)}`, more)];
      }
      case 'crashed': {
        const worker = find(turn.before, action.worker);
        if (!worker) return [];
        down.add(placeOf(worker));
        return [crash(turn, worker, action.reason, cwd)];
      }
      case 'overdue':
        return [{ mark: 'note', text: action.what }];
      case 'stopping':
        return stopping(turn, action.reason, impatience());
      default:
        return [];
    }
  }

  return (turn) => {
    const lines = turn.actions.flatMap((action) => tell(turn, action));
    const { event, before, after } = turn;
    if (before.size !== after.size) {
      lines.push({ mark: 'note', text: `scaling from ${before.size} to ${after.size}` });
    }
    if (event.type === 'ready') {
      const worker = find(after, event.worker);
      if (worker?.state === 'ready' && down.delete(placeOf(worker))) {
        lines.push({ mark: 'ok', text: `${shortName(worker)} serves again` });
      }
    }
    return lines;
  };
}

/** A reload that is asked for during the start is part of it. */
function because(rollout: Rollout | null, isFirst: boolean): string {
  if (!rollout) return '';
  if (rollout.changed.length > 0) return `: ${describeFiles(rollout.changed)} changed`;
  return rollout.asked && !isFirst ? ': reload' : '';
}

function whatIsLeft(fleet: Fleet): string {
  if (fleet.serving !== 0) return `g${fleet.serving} keeps serving`;
  if (fleet.stop) return 'nothing to fall back on';
  return phaseOf(fleet) === 'waiting'
    ? 'nothing serves, waiting for a change'
    : `starting g${fleet.target}`;
}

function crash({ at, after }: SeenTurn, worker: Worker, reason: string, cwd: string): Line {
  const { thrown, text, more } = shortReason(reason, cwd);
  const how = thrown ? `crashed: ${text}` : text.replace(/^worker \d+ /, '');
  const wait = Math.round(after.retryAt - at);
  const again = wait > 0 ? `starting it again in ${formatDuration(wait)}` : 'starting it again';
  return failure(`${shortName(worker)} ${how}${after.stop ? '' : `; ${again}`}`, more);
}

function stopping({ actions }: SeenTurn, reason: string, impatience: string): Line[] {
  // The failure of the first generation has just been told.
  if (actions.some((one) => one.type === 'rolledBack' && one.reason === reason)) return [];
  const why = reason === 'asked to stop' ? impatience : `: ${reason}`;
  return [{ mark: 'note', text: `stopping${why}` }];
}

function failure(text: string, details: readonly string[]): Line {
  return { mark: 'failed', text, ...(details.length > 0 && { details }) };
}

function shortName({ slot, generation }: Worker): string {
  return `worker ${slot} of g${generation}`;
}

function placeOf({ slot, generation }: Worker): string {
  return `${generation}.${slot}`;
}

function find(fleet: Fleet, id: number): Worker | undefined {
  return fleet.workers.find((one) => one.id === id);
}
