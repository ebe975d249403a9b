// The only timer that decisions hang on: one, armed for the next deadline of the fleet.
import { now as monotonicNow, wallClockOrigin } from '../monotonic.js';

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Milliseconds since 1970 of a moment that was now() once. */
  timeOfDay(at: number): number;
  /** This process stood still for so long, and with it all that it was asked: nobody else is late. */
  skip(ms: number): void;
  /** Calls back at `deadline`, or never when it is null; replaces what was armed before. */
  wakeAt(deadline: number | null): void;
}

/** setTimeout cannot wait longer (2^31 - 1 ms); an early wake-up only asks again. */
const LONGEST_WAIT = 2_147_483_647;

export function createClock(wake: () => void): Clock {
  let timer: NodeJS.Timeout | undefined;
  let skipped = 0;
  /** What was skipped, and until when it was not. */
  const skips: { readonly at: number; readonly ms: number }[] = [];
  const now = () => monotonicNow() - skipped;
  return {
    now,
    timeOfDay(at) {
      const before = skips.filter((one) => one.at < at).reduce((sum, { ms }) => sum + ms, 0);
      return wallClockOrigin + at + before;
    },
    skip(ms) {
      skips.push({ at: now() - ms, ms });
      skipped += ms;
    },
    wakeAt(deadline) {
      clearTimeout(timer);
      if (deadline === null) return;
      const wait = Math.max(0, Math.ceil(deadline - now()));
      // After a master that stood still has read what came meanwhile: nobody is late who spoke in time.
      timer = setTimeout(() => setImmediate(wake), Math.min(wait, LONGEST_WAIT));
    },
  };
}
