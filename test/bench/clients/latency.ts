// Latencies of a part of the requests. Pure.
import type { Records } from './records.js';

export interface Latency {
  /** In milliseconds. Infinity: so many failed that one of them stands there. NaN: no request. */
  readonly p50: number;
  readonly p99: number;
  /** The longest that an answer took. */
  readonly most: number;
}

/**
 * How long the requests with these numbers took, in milliseconds. One that failed was never answered:
 * Infinity. Were it left out, or did it count as the moment that a refusal takes, a server that refuses
 * would seem fast.
 */
export function tookOf(records: Records, requests: readonly number[]): number[] {
  return requests.map((i) =>
    records.outcome[i] === 0 ? (records.took[i] ?? Number.NaN) : Number.POSITIVE_INFINITY,
  );
}

/** How much later than due they were sent, in milliseconds: by the timer of the client, or for want of a connection. */
export function lateOf({ late }: Records, requests: readonly number[]): number[] {
  return requests.map((i) => late[i] ?? Number.NaN);
}

export function latencyOf(took: readonly number[]): Latency {
  const sorted = Float64Array.from(took).sort();
  const answered = sorted.findLast((ms) => ms !== Number.POSITIVE_INFINITY);
  return {
    p50: percentile(sorted, 50),
    p99: percentile(sorted, 99),
    most: answered ?? Number.NaN,
  };
}

/** The least of the sorted values that `percent` of them do not exceed. NaN without values. */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((sorted.length * percent) / 100);
  return sorted[Math.max(rank, 1) - 1] ?? Number.NaN;
}
