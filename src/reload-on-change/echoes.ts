// Files that the app writes itself when it starts: each of its starts would be the reason for the next.
import { inCommon, withoutNumbers } from './numbered-names.js';

/**
 * Milliseconds for which a start has such consequences, from the moment in which it serves. But what is loaded was
 * written before: after that moment somebody saves it, and often soon, having seen what the last save did.
 */
const AFTERMATH_MS = 1000;
/** So many starts in a row, and it is no accident. */
const SUSPICIOUS = 6;
/**
 * What an app writes it writes about as long after each start, in milliseconds and as a share of that time; a person
 * saves at any moment.
 */
const JITTER_MS = 200;
const JITTER = 0.2;
const LEAST_DELAY_MS = 500;
const MOST_DELAY_MS = 10_000;

export interface Echoes {
  /** A generation is being spawned, or its next worker. */
  began(generation: number, at: number): void;
  /** It serves, or has failed. */
  ended(at: number): void;
  /** Milliseconds for which the change of these files should wait: 0 unless each of them follows every start. */
  delayOf(files: readonly string[], at: number): number;
  /** The file, or what it has in common with those that took turns at changing, with ANY for the numbers in it. */
  likenessOf(file: string): string;
}

interface Count {
  /** After how many starts in a row it changed. */
  readonly times: number;
  /** The last of those. */
  readonly last: number;
  /** The first change in each of them came so long after it began, in milliseconds: at the least, and at the most. */
  readonly soonest: number;
  readonly latest: number;
  readonly likeness: string;
}

/**
 * Times are milliseconds of any clock. It is never sure: whoever saves in these very moments has to wait as well. But
 * a delay goes on past them, and who then saves again has proved that it was no start.
 */
export function createEchoes(isLoaded: (file: string) => boolean): Echoes {
  let generation = 0;
  let beganAt = 0;
  let endedAt: number | null = null;
  /** By files, and by what is the same for those that differ only in numbers. */
  const counts = new Map<string, Count>();

  function add(key: string, file: string, at: number): number {
    const after = at - beganAt;
    const before = counts.get(key);
    const likeness = inCommon(before?.likeness ?? file, file);
    if (before?.last === generation) {
      counts.set(key, { ...before, likeness });
      return before.times;
    }
    const soonest = Math.min(after, before?.soonest ?? after);
    const latest = Math.max(after, before?.latest ?? after);
    const isRegular = latest - soonest <= JITTER_MS + JITTER * soonest;
    const span = isRegular ? { soonest, latest } : { soonest: after, latest: after };
    const times = before && isRegular ? before.times + 1 : 1;
    counts.set(key, { times, last: generation, ...span, likeness });
    return times;
  }

  function count(file: string, at: number): number {
    const kind = withoutNumbers(file);
    if (endedAt !== null && at - endedAt > (isLoaded(file) ? 0 : AFTERMATH_MS)) {
      for (const key of [file, kind]) counts.delete(key);
      return 0;
    }
    return Math.max(add(file, file, at), add(kind, file, at));
  }

  return {
    began(which, at) {
      if (which <= generation) return;
      for (const [key, { last }] of counts) if (last < generation) counts.delete(key);
      generation = which;
      beganAt = at;
      endedAt = null;
    },
    ended(at) {
      endedAt ??= at;
    },
    delayOf(files, at) {
      let times = Number.POSITIVE_INFINITY;
      for (const file of files) times = Math.min(times, count(file, at));
      if (times < SUSPICIOUS) return 0;
      return Math.min(MOST_DELAY_MS, LEAST_DELAY_MS * 2 ** (times - SUSPICIOUS));
    },
    likenessOf(file) {
      const isAlone = (counts.get(file)?.times ?? 0) >= SUSPICIOUS;
      return isAlone ? file : (counts.get(withoutNumbers(file))?.likeness ?? file);
    },
  };
}
