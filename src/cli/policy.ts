// The policy of the core: the limits that are options, and those that are fixed.
import type { Policy } from '../core/policy.js';
import type { ParsedOptions } from './option-types.js';

/**
 * Milliseconds for which both generations accept connections, in which the new processes warm up: a process that has just
 * booted answers its first requests slowly.
 */
export const OVERLAP_MS = 500;

/** Longest time for which file changes may keep abandoning rollouts; then one gets the same time to finish. */
const MAX_ABANDON_TIME_MS = 10_000;

/** A worker that asks for more time (EXTEND_TIMEOUT_USEC) gets at most this many times the start timeout. */
const MAX_START_FACTOR = 10;

const KILL_INTERVAL_MS = 1000;

/** Everything except what is known only once the sockets are open. */
export function policyOf(
  limits: ParsedOptions<'policy'>,
  { watches, dev }: { watches: boolean; dev: boolean },
): Omit<Policy, 'startFirstWorkerAlone'> {
  return {
    ...limits,
    watchdog: limits.watchdog || null,
    maxCrashes: limits.maxCrashes || null,
    maxStartTime: MAX_START_FACTOR * limits.startTimeout,
    // A developer who saves a file wants the next answer to come from the new code.
    overlap: watches ? 0 : OVERLAP_MS,
    waitForChange: dev && watches,
    maxAbandonTime: MAX_ABANDON_TIME_MS,
    killInterval: KILL_INTERVAL_MS,
    backoff: { base: 100, ceiling: 30_000, stableAfter: 10_000, jitter: 0.2, seed: process.pid },
  };
}
