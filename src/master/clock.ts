// The only timer that decisions hang on: one, armed for the next deadline of the fleet.
import { now as monotonicNow } from '../monotonic.js';

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
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
  const now = () => monotonicNow() - skipped;
  return {
    now,
    skip(ms) {
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
