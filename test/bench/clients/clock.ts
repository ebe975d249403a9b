// One clock for the bench and its load process: CLOCK_MONOTONIC, which all processes of a machine share.

const [seconds, nanoseconds] = process.hrtime();
const OFFSET = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** Milliseconds of the shared clock, from a moment of this process's performance.now(). */
export const shared = (moment: number): number => moment + OFFSET;

/** Now, in milliseconds of the shared clock. */
export const now = (): number => shared(performance.now());
