// What the user has chosen, as far as it decides anything. Data only.

/** Limits and choices; they do not change while the master lives. Times in milliseconds. */
export interface Policy {
  readonly startTimeout: number;
  /** The most that a worker gets for its start when it asks for more time. */
  readonly startCeiling: number;
  /** A ready worker that gives no sign of life for so long hangs; 0 where none is asked for. */
  readonly watchdog: number;
  /** How long a new generation, once ready, accepts beside the old one before that is retired. */
  readonly overlap: number;
  /** The same when the old one is busy. */
  readonly busyOverlap: number;
  readonly drainTimeout: number;
  readonly killTimeout: number;
  /** SIGKILL is repeated this often while a worker is still there. */
  readonly killRepeat: number;
  /** In the first generation one worker goes ahead: it opens the sockets which the others are given. */
  readonly firstAlone: boolean;
  /** A first generation that fails is not the end: the next change may repair it. */
  readonly waitForChange: boolean;
  /** For how long newer changes may put an end to what older ones began: then one gets as much time to its end. */
  readonly putOffFor: number;
  readonly backoff: Backoff;
  /** Leave after so many crashes in a row with no worker ready; 0 for never. */
  readonly maxCrashes: number;
}

export interface Backoff {
  /** Wait before the second respawn in a row; the first is immediate. */
  readonly base: number;
  readonly ceiling: number;
  /** A worker that was ready for this long clears the count. */
  readonly stableAfter: number;
  /** Share of the wait, 0 to 1, by which the waits of different masters are spread. */
  readonly jitter: number;
  /** Any whole number, another one for each master. */
  readonly seed: number;
}
