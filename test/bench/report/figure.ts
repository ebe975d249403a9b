// Figures out of the values of rounds. Pure.
import { summarize } from '../statistics.js';
import type { Figure } from './report.js';

/** Median and quartiles; null of nothing. One value has no spread. */
export function figureOf(values: readonly number[], digits = 0): Figure | null {
  const [only] = values;
  if (only === undefined) return null;
  return values.length === 1 ? { median: only, digits } : { ...summarize(values), digits };
}
