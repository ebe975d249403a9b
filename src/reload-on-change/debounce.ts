// One save, one checkout, one answer: collects what changes until it has been quiet. Nothing but timers.

const QUIET_MS = 25;
const LONG_QUIET_MS = 150;
/** So many files are no save by hand: more of them will come, less densely. */
const MANY = 4;
const LONGEST_MS = 2000;

export interface Burst {
  /** `path` changed. `unfinished`: it is gone or empty now, so what replaces it is awaited somewhat longer. */
  saw(path: string, unfinished: boolean): void;
  /** Nothing is reported after this. */
  close(): void;
}

/** `over` gets the paths in order of first appearance, at the latest 2 s after the first. */
export function createBurst(over: (paths: readonly string[]) => void): Burst {
  /** The paths of this burst, and whether each is unfinished. */
  const seen = new Map<string, boolean>();
  let closed = false;
  let quiet: NodeJS.Timeout | undefined;
  let limit: NodeJS.Timeout | undefined;

  function end(): void {
    const paths = [...seen.keys()];
    clear();
    over(paths);
  }

  function clear(): void {
    clearTimeout(quiet);
    clearTimeout(limit);
    seen.clear();
  }

  return {
    saw(path, unfinished) {
      if (closed) return;
      if (seen.size === 0) limit = setTimeout(end, LONGEST_MS);
      seen.set(path, unfinished);
      const long = seen.size >= MANY || [...seen.values()].includes(true);
      clearTimeout(quiet);
      quiet = setTimeout(end, long ? LONG_QUIET_MS : QUIET_MS);
    },
    close() {
      closed = true;
      clear();
    },
  };
}
