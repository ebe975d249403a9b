// Collects changes until no more come, so that one save or one checkout causes one reload. Nothing but timers.

const QUIET_MS = 25;
const LONG_QUIET_MS = 150;
/** From this many files on it is a checkout or a build: the next file may take longer. */
const MANY_FILES = 4;
const LONGEST_MS = 2000;

export interface Debouncer {
  /** `path` changed. `isUnfinished`: it is missing or empty now, so its new content is awaited longer. */
  add(path: string, isUnfinished: boolean): void;
  /** Drops what was collected; nothing is reported after this. */
  close(): void;
}

/** `onChange` gets the paths in the order of their first change, at the latest 2 s after the first. */
export function createDebouncer(onChange: (paths: readonly string[]) => void): Debouncer {
  /** Whether each path is unfinished. */
  const changed = new Map<string, boolean>();
  let isClosed = false;
  let quietTimer: NodeJS.Timeout | undefined;
  let limitTimer: NodeJS.Timeout | undefined;

  function report(): void {
    const paths = [...changed.keys()];
    clear();
    onChange(paths);
  }

  function clear(): void {
    clearTimeout(quietTimer);
    clearTimeout(limitTimer);
    changed.clear();
  }

  return {
    add(path, isUnfinished) {
      if (isClosed) return;
      if (changed.size === 0) limitTimer = setTimeout(report, LONGEST_MS);
      changed.set(path, isUnfinished);
      const isLong = changed.size >= MANY_FILES || [...changed.values()].includes(true);
      clearTimeout(quietTimer);
      quietTimer = setTimeout(report, isLong ? LONG_QUIET_MS : QUIET_MS);
    },
    close() {
      isClosed = true;
      clear();
    },
  };
}
