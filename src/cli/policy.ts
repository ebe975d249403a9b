// The limits and choices of the core, from the options.
import type { Policy } from '../core/fleet.js';
import { UsageError } from '../errors.js';
import { parseDuration } from './parse-values.js';
import type { RawOptions } from './resolve-options.js';

/**
 * Milliseconds for which both generations accept: too little to be noticed by whoever waits for the reload, and
 * enough for a new process to get warm. One that takes over much work at once needs longer for that.
 */
const OVERLAP = 75;
const BUSY_OVERLAP = 500;

/** Milliseconds; whoever saves and saves wants to see something at last. */
const PUT_OFF_FOR = 10_000;

/** How many times its start timeout a worker may get in all, if it asks for more (EXTEND_TIMEOUT_USEC). */
const START_CEILING = 10;

const SHORTEST_WATCHDOG = 1000;

/** All but what is known only when the sockets are open. Throws UsageError. */
export function policyOf(
  raw: RawOptions,
  { watches, dev }: { watches: boolean; dev: boolean },
): Omit<Policy, 'firstAlone'> {
  return {
    startTimeout: parseDuration(raw.startTimeout, '--start-timeout'),
    startCeiling: START_CEILING * parseDuration(raw.startTimeout, '--start-timeout'),
    watchdog: watchdogTime(raw.watchdog),
    // Whoever saves a file wants the next answer from the new code.
    overlap: watches ? 0 : OVERLAP,
    busyOverlap: watches ? 0 : BUSY_OVERLAP,
    waitForChange: dev && watches,
    putOffFor: PUT_OFF_FOR,
    drainTimeout: parseDuration(raw.drainTimeout, '--drain-timeout'),
    killTimeout: parseDuration(raw.killTimeout, '--kill-timeout'),
    killRepeat: 1000,
    maxCrashes: parseCount(raw.maxCrashes, '--max-crashes'),
    backoff: { base: 100, ceiling: 30_000, stableAfter: 10_000, jitter: 0.2, seed: process.pid },
  };
}

function watchdogTime(text: string): number {
  const ms = parseDuration(text, '--watchdog');
  if (ms === 0 || ms >= SHORTEST_WATCHDOG) return ms;
  throw new UsageError(
    `--watchdog '${text}': less than a second, a busy machine is taken for a hang`,
  );
}

function parseCount(text: string, what: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`${what} '${text}': a whole number is wanted; 0 for no limit`);
}
