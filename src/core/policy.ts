// Limits and choices that decide anything: most are options of the user, some are fixed. Data only.

import type { Milliseconds } from './fleet.js';

/** As many workers in a generation as anybody has a use for; a typing error must not fork thousands. */
export const MAX_WORKERS = 1024;

/**
 * A signal that is meant for the master may reach its whole process group or unit, and ends a worker that does not ignore it
 * yet. Such a worker is started again, so many times and within the time of its start; after that its command ends by itself.
 */
export const MAX_SIGNALLED_STARTS = 10;

/** Limits and choices; they do not change while the master lives. */
export interface Policy {
  /** Time in which a worker must become ready. */
  readonly startTimeout: Milliseconds;
  /** The longest time that a worker gets for its start when it asks for more. */
  readonly maxStartTime: Milliseconds;
  /** A ready worker that has not pinged for so long is hung; null: workers need not ping. */
  readonly watchdog: Milliseconds | null;
  /** How long a new generation, once ready, accepts beside the old one before that is retired. */
  readonly overlap: Milliseconds;
  readonly drainTimeout: Milliseconds;
  /** Between the stop signal and SIGKILL, once the drain time is over. */
  readonly killTimeout: Milliseconds;
  /** SIGKILL is repeated this often while a worker is not reported gone. */
  readonly killInterval: Milliseconds;
  /** Old generations that may drain at the same time; the oldest of more gets its stop signal early. */
  readonly maxDraining: number;
  /** Until a generation serves, one worker starts first: it opens the sockets which the others are given. */
  readonly startFirstWorkerAlone: boolean;
  /** A first generation that fails does not end the master: the next change of a file may repair it. */
  readonly waitForChange: boolean;
  /** Longest time during which file changes may keep abandoning rollouts; then one gets the same time to finish. */
  readonly maxAbandonTime: Milliseconds;
  readonly backoff: Backoff;
  /** Exit after so many crashes in a row with no worker ready; null: never. */
  readonly maxCrashes: number | null;
}

export interface Backoff {
  /** Wait before the second respawn in a row; the first is immediate. */
  readonly base: Milliseconds;
  readonly ceiling: Milliseconds;
  /** A worker that was ready for this long clears the count. */
  readonly stableAfter: Milliseconds;
  /** Share of the wait, 0 to 1, by which the waits of different masters are spread. */
  readonly jitter: number;
  /** Any whole number, a different one for each master. */
  readonly seed: number;
}
