// Of a load that saturates. Pure.
import type { Records } from './records.js';

/** Answers a second, from the first request to the end of the last. */
export function rateOf({ due, took, outcome }: Records): number {
  const began = due.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const ended = due.reduce((most, at, i) => Math.max(most, at + (took[i] ?? 0)), 0);
  return (outcome.filter((one) => one === 0).length * 1000) / (ended - began);
}
