// Medians and quartiles: a mean would follow the one round in which the machine was busy. Pure.

export interface Summary {
  readonly median: number;
  /** Quartiles: half of the rounds lie between them. */
  readonly low: number;
  readonly high: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: at(sorted, 0.5), low: at(sorted, 0.25), high: at(sorted, 0.75) };
}

/** The value below which a `share` of the sorted values lies, between neighbours in proportion. */
function at(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const before = sorted[Math.floor(position)] ?? Number.NaN;
  const after = sorted[Math.ceil(position)] ?? Number.NaN;
  const beyond = position - Math.floor(position);
  // Values may be infinite, and infinite less infinite is no number.
  return beyond === 0 || before === after ? before : before + (after - before) * beyond;
}
