// Of a load that saturates. Pure.
import type { Records } from './records.js';

/** Answers a second, from the first request to the end of the last. */
export function rateOf(records: Records): number {
  const answers = records.outcome.filter((one) => one === 0).length;
  return (answers * 1000) / durationOf(records);
}

/** Milliseconds from the first request to the end of the last. */
export function durationOf({ due, took }: Records): number {
  const began = due.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const ended = due.reduce((most, at, i) => Math.max(most, at + (took[i] ?? 0)), 0);
  return ended - began;
}
