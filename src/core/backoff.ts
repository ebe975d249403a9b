// How long to wait before a crashed worker is replaced.
import type { Backoff } from './policy.js';

/**
 * Milliseconds to wait after the given number of crashes in a row: none after the first, then
 * doubling from `base` to `ceiling`. `jitter` spreads the waits of masters whose workers crash together;
 * with `jitter` 0 the result is exact.
 */
export function waitAfter(crashes: number, backoff: Backoff, worker: number): number {
  if (crashes <= 1) return 0;
  const wait = Math.min(backoff.ceiling, backoff.base * 2 ** Math.min(crashes - 2, 40));
  return Math.round(wait * (1 - backoff.jitter * fractionOf(backoff.seed + worker)));
}

/** The same number gives the same fraction: the step stays pure, and a trace replays. */
function fractionOf(seed: number): number {
  const mixed = Math.imul(Math.trunc(seed) ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  return mixed / 2 ** 32;
}
