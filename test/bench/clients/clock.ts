// One clock for the bench and its load process: CLOCK_MONOTONIC, which all processes of a machine share.

const TRIES = 20;

/** A process that loses its processor between the two readings finds too little: the most is the truth. */
const OFFSET = Math.max(...Array.from({ length: TRIES }, offset));

function offset(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6 - performance.now();
}

/** Milliseconds of the shared clock, from a moment of this process's performance.now(). */
export const shared = (moment: number): number => moment + OFFSET;

/** Now, in milliseconds of the shared clock. */
export const now = (): number => shared(performance.now());
