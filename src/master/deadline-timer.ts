// The only timer for deadlines of the fleet. While one is set it also wakes every 500 ms to detect that the process was
// suspended (Ctrl-Z, SIGSTOP, a paused virtual machine): suspended time does not count towards deadlines, as nothing could
// be received in it.
import { now as monotonicNow } from 'node-systemd-notify/linux';

/** Milliseconds since 1970 at which the clock was 0. Taken once, so that a moment always has the same time of day. */
const wallClockOrigin = Date.now() - monotonicNow();
const CHECK_INTERVAL_MS = 500;
/** A wake-up that is later than this means that the process was suspended, not just busy. */
const SUSPENDED_AFTER_MS = 1000;

/** `raw`: milliseconds, monotonic. */
export function createDeadlineTimer(wake: () => void, raw = monotonicNow) {
  let timer: NodeJS.Timeout | null = null;
  let lastCheck = raw();
  let skipped = 0;
  /** Each suspension: the last time before it, and its length. */
  const suspensions: { readonly at: number; readonly ms: number }[] = [];

  /** Milliseconds, never set back, without the time in which the process was suspended before a deadline. */
  function now(): number {
    const present = raw();
    const suspended = present - lastCheck - CHECK_INTERVAL_MS;
    if (timer && suspended > SUSPENDED_AFTER_MS) {
      suspensions.push({ at: lastCheck - skipped, ms: suspended });
      skipped += suspended;
    }
    lastCheck = present;
    return present - skipped;
  }

  /** Calls back at `deadline`, or never if it is null. Replaces the earlier deadline. */
  function wakeAt(deadline: number | null): void {
    // Before the timer is cleared: a suspension is detected only while one is set.
    const present = now();
    if (timer) clearTimeout(timer);
    timer = null;
    if (deadline === null) return;
    const check = () => {
      if (timer !== mine) return;
      if (now() < deadline) wakeAt(deadline);
      else wake();
    };
    const wait = Math.max(0, Math.ceil(deadline - present));
    // One turn of the event loop later, so that messages which arrived during a suspension are handled before the deadline.
    const mine = setTimeout(() => setImmediate(check), Math.min(wait, CHECK_INTERVAL_MS));
    timer = mine;
  }

  return {
    now,
    /** Milliseconds since 1970, for a time that `now()` returned. */
    timeOfDay(at: number): number {
      const before = suspensions.filter((one) => one.at < at).reduce((sum, { ms }) => sum + ms, 0);
      return wallClockOrigin + at + before;
    },
    wakeAt,
  };
}
