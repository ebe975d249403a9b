// How evenly something is shared out. Pure.

export interface Shares {
  /** Of the one with the least and of the one with the most, in percent of all. */
  readonly lowest: number;
  readonly highest: number;
  /** What the one with the most has, against the mean: 1 is even. */
  readonly excess: number;
}

/** `counts`: of each worker, those that have none included. */
export function sharesOf(counts: readonly number[]): Shares {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const share = (count: number) => (count * 100) / all;
  return {
    lowest: share(Math.min(...counts)),
    highest: share(Math.max(...counts)),
    excess: (Math.max(...counts) * counts.length) / all,
  };
}
