// The clock on which everything waits. Not performance.now(): Node loads all of perf_hooks for it.

const start = process.hrtime();

/** Milliseconds since 1970 at which it was 0; taken once, so that a moment has one time of day for ever. */
export const wallClockOrigin = Date.now();

/** Milliseconds since this process was young, never set back (CLOCK_MONOTONIC). */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime(start);
  return seconds * 1000 + nanoseconds / 1e6;
}
