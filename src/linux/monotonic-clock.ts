// The clock for all timeouts and deadlines, shared with node-systemd-notify.
import { now } from 'node-systemd-notify/linux';

/** Milliseconds since some moment in the past, never set back (CLOCK_MONOTONIC). */
export { now };

/** Milliseconds since 1970 at which `now()` was 0. Taken once, so that a moment always has the same time of day. */
export const wallClockOrigin = Date.now() - now();
