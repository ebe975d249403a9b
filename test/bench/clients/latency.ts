// Latencies of a part of the requests. Pure.
import type { Records } from './records.js';

export interface Latency {
  readonly requests: number;
  readonly failed: number;
  /** In milliseconds. Infinity: so many failed that one of them stands there. */
  readonly p50: number;
  readonly p99: number;
  /** The longest that an answer took. */
  readonly most: number;
}

/**
 * Of the requests with these numbers. A failed one was never answered, so it counts as slower than every
 * answer: were it left out, or counted as the moment that a refusal takes, a server that refuses would seem
 * fast.
 */
export function latencyOf(records: Records, requests: Iterable<number>): Latency {
  const took: number[] = [];
  let most = Number.NaN;
  for (const i of requests) {
    const failed = records.outcome[i] !== 0;
    const ms = records.took[i] ?? Number.NaN;
    took.push(failed ? Number.POSITIVE_INFINITY : ms);
    if (!failed && !(most >= ms)) most = ms;
  }
  const sorted = Float64Array.from(took).sort();
  return {
    requests: took.length,
    failed: took.filter((ms) => ms === Number.POSITIVE_INFINITY).length,
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    most,
  };
}

/** The least of the sorted values that `percent` of them do not exceed. NaN without values. */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((sorted.length * percent) / 100);
  return sorted[Math.max(rank, 1) - 1] ?? Number.NaN;
}
