// How notices about one worker read, in the log and in `dev`. Pure.

import type { Notice } from '../core/commands.js';
import type { Fleet, Worker } from '../core/fleet.js';
import { formatDuration } from './duration.js';

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

export function findWorker({ workers }: Fleet, id: number): Worker | undefined {
  return workers.find((worker) => worker.id === id);
}

/** Says which limit of `--max-draining` was exceeded. */
export function tooManyDraining(limit: number): string {
  return `more than ${limit === 1 ? '1 generation is draining' : `${limit} generations are draining`}`;
}
