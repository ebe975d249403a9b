// What `dev` prints about the fleet: one line a reload, and what went wrong. Normal drains are not mentioned. Pure.

import type { Notice } from '../core/commands.js';
import type { Failure, StopReason } from '../core/failure.js';
import { findWorker, type Rollout, type Worker } from '../core/fleet.js';
import type { StepRecord } from '../core/step-record.js';
import { formatDuration } from '../text/duration.js';
import {
  describeRest,
  describeStopReason,
  describeWorkerNotice,
  summarizeFailure,
  tooManyDraining,
} from '../text/failure-text.js';
import { describeFiles } from '../text/file-list.js';

export interface DevLine {
  readonly mark: 'ok' | 'failed' | 'note';
  readonly text: string;
  readonly details?: readonly string[];
}

/** Paths are shortened as seen from `cwd`. `stopHint` says how to stop at once; it follows the word `stopping`. */
export function createFleetLines(
  cwd: string,
  stopHint: () => string,
): (change: StepRecord) => DevLine[] {
  /** Slots of the serving generation whose worker crashed and has no ready successor yet. */
  const down = new Set<string>();

  function linesFor(change: StepRecord, notice: Notice): DevLine[] {
    switch (notice.type) {
      case 'rolledOut': {
        down.clear();
        const { generation } = notice;
        const why = because(change.before.rollout, generation === 1);
        return [
          { mark: 'ok', text: `g${generation} serves, ${formatDuration(notice.durationMs)}${why}` },
        ];
      }
      case 'rolledBack': {
        const [text, ...more] = summarizeFailure(notice.failure, cwd);
        const rest = describeRest(change.after, 'g');
        return [failed(`g${notice.generation} failed: ${text}; ${rest}`, more)];
      }
      case 'workerCrashed':
        down.add(keyOf(notice.failure.worker));
        return [crash(change, notice.failure, cwd)];
      case 'startedAgain':
      case 'replacing':
      case 'drainTimedOut':
      case 'killTimedOut': {
        const worker = findWorker(change.before, notice.worker);
        return worker ? [note(`${shortName(worker)} ${describeWorkerNotice(notice)}`)] : [];
      }
      case 'drainCutShort': {
        const { generation, limit } = notice;
        return [note(`${tooManyDraining(limit)}; stopping g${generation}`)];
      }
      case 'shutdownBegun':
        return shutdown(change, notice.reason, stopHint());
      case 'rolloutAbandoned':
      case 'shutdownDone':
        return [];
    }
  }

  return (change) => {
    const lines = change.notices.flatMap((notice) => linesFor(change, notice));
    const { event, before, after } = change;
    if (before.workersWanted !== after.workersWanted) {
      lines.push(note(`scaling from ${before.workersWanted} to ${after.workersWanted}`));
    }
    const changedNext = after.nextRollout?.changedFiles ?? [];
    if (event.type === 'filesChanged' && after.rollout && changedNext.length > 0) {
      const current = `g${after.rollout.generation}`;
      lines.push(
        note(`${describeFiles(changedNext)} changed; waits for ${current} to serve or fail`),
      );
    }
    if (event.type === 'ready') {
      const worker = findWorker(after, event.worker);
      if (worker?.state === 'ready' && down.delete(keyOf(worker))) {
        lines.push({ mark: 'ok', text: `${shortName(worker)} serves again` });
      }
    }
    return lines;
  };
}

/** A reload that is requested during the first start is part of it. */
function because(rollout: Rollout | null, isFirst: boolean): string {
  if (!rollout) return '';
  const { changedFiles, asked } = rollout;
  if (changedFiles.length > 0) return `: ${describeFiles(changedFiles)} changed`;
  return asked && !isFirst ? ': reload' : '';
}

function crash({ at, after }: StepRecord, failure: Failure, cwd: string): DevLine {
  const [how, ...more] = summarizeFailure(failure, cwd, true);
  const wait = Math.round((after.respawnNotBefore ?? at) - at);
  const again = wait > 0 ? `starting it again in ${formatDuration(wait)}` : 'starting it again';
  const isRunning = after.lifecycle.state === 'running';
  return failed(`${shortName(failure.worker)} ${how}${isRunning ? `; ${again}` : ''}`, more);
}

function shutdown({ notices }: StepRecord, reason: StopReason, stopHint: string): DevLine[] {
  if (reason.type === 'requested') return [note(`stopping${stopHint}`)];
  // The failure of the first generation has just been printed.
  if (notices.some(({ type }) => type === 'rolledBack')) return [];
  return [note(`stopping: ${describeStopReason(reason)}`)];
}

function note(text: string): DevLine {
  return { mark: 'note', text };
}

function failed(text: string, details: readonly string[]): DevLine {
  return { mark: 'failed', text, ...(details.length > 0 && { details }) };
}

type Named = Pick<Worker, 'slot' | 'generation'>;

function shortName({ slot, generation }: Named): string {
  return `worker ${slot} of g${generation}`;
}

function keyOf({ slot, generation }: Named): string {
  return `${generation}.${slot}`;
}
