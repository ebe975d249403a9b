// The clock for all timeouts. Not performance.now(): Node loads all of perf_hooks for it.

/** Milliseconds since some moment in the past, never set back (CLOCK_MONOTONIC). */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
