// Files that the app writes itself when it starts: each of its starts would be the reason for the next.

/** Milliseconds for which a start has such consequences, from the moment in which it serves. */
const AFTERMATH_MS = 1000;
/** So many starts in a row, and it is no accident. */
const SUSPICIOUS = 4;
const LEAST_DELAY_MS = 500;
const MOST_DELAY_MS = 10_000;

export interface Echoes {
  /** A generation is being spawned, or its next worker. */
  began(generation: number): void;
  /** It serves, or has failed. */
  ended(at: number): void;
  /** Milliseconds for which the change of these files should wait: 0 unless each of them follows every start. */
  delayOf(files: readonly string[], at: number): number;
}

/** Times are milliseconds of any clock. It is never sure: whoever saves in these very moments has to wait as well. */
export function createEchoes(): Echoes {
  let generation = 0;
  let endedAt: number | null = null;
  /** Of each file, after how many starts in a row it changed; and the last of those. */
  const counts = new Map<string, { times: number; last: number }>();

  function count(file: string): number {
    const before = counts.get(file) ?? { times: 0, last: 0 };
    // The first time is somebody's save: it has brought about the start.
    const times = before.last === generation ? before.times : before.times + 1;
    counts.set(file, { times, last: generation });
    return times;
  }

  return {
    began(which) {
      if (which <= generation) return;
      for (const [file, { last }] of counts) if (last < generation) counts.delete(file);
      generation = which;
      endedAt = null;
    },
    ended(at) {
      endedAt ??= at;
    },
    delayOf(files, at) {
      if (endedAt !== null && at - endedAt > AFTERMATH_MS) {
        for (const file of files) counts.delete(file);
        return 0;
      }
      const times = Math.min(...files.map(count));
      if (times < SUSPICIOUS) return 0;
      return Math.min(MOST_DELAY_MS, LEAST_DELAY_MS * 2 ** (times - SUSPICIOUS));
    },
  };
}
