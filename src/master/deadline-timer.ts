// The only timer that decisions hang on: one, armed for the next deadline of the fleet. While there is one, it looks at the
// clock in between: where nobody looked for long, this process stood still (Ctrl-Z, SIGSTOP, a virtual machine that was
// paused), and what was to be seen in that time could not be seen. That time does not count.
import { now as monotonicNow, wallClockOrigin } from '../linux/monotonic-clock.js';

/** Milliseconds between two looks while there is a deadline. */
const BEAT = 500;
/** So much later than that a look comes on no machine that only has much to do. Milliseconds. */
const STANDSTILL = 1000;

export interface Clock {
  /** Milliseconds, never set back; those in which this process stood still before a deadline are not among them. */
  now(): number;
  /** Milliseconds since 1970 of a moment that was now() once. */
  timeOfDay(at: number): number;
  /** Calls back at `deadline`, or never when it is null; replaces what was armed before. */
  wakeAt(deadline: number | null): void;
}

/** `raw`: milliseconds, monotonic. */
export function createClock(wake: () => void, raw = monotonicNow): Clock {
  let timer: NodeJS.Timeout | null = null;
  /** When somebody looked last. */
  let seen = raw();
  let skipped = 0;
  /** What was skipped, and the last moment before. */
  const skips: { readonly at: number; readonly ms: number }[] = [];

  function now(): number {
    const present = raw();
    const stood = present - seen - BEAT;
    if (timer && stood > STANDSTILL) {
      skips.push({ at: seen - skipped, ms: stood });
      skipped += stood;
    }
    seen = present;
    return present - skipped;
  }

  function wakeAt(deadline: number | null): void {
    // While the timer is there: without one nobody is taken to have stood still.
    const present = now();
    if (timer) clearTimeout(timer);
    timer = null;
    if (deadline === null) return;
    const look = () => {
      if (timer !== mine) return;
      if (now() < deadline) wakeAt(deadline);
      else wake();
    };
    const wait = Math.max(0, Math.ceil(deadline - present));
    // After a master that stood still has read what came meanwhile: nobody is late who spoke in time.
    const mine = setTimeout(() => setImmediate(look), Math.min(wait, BEAT));
    timer = mine;
  }

  return {
    now,
    timeOfDay(at) {
      const before = skips.filter((one) => one.at < at).reduce((sum, { ms }) => sum + ms, 0);
      return wallClockOrigin + at + before;
    },
    wakeAt,
  };
}
