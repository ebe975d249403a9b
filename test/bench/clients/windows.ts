// Which requests were to be sent while a reload went on, and which while nothing did. Pure; all moments in
// milliseconds of the shared clock.
import type { Records } from './records.js';

/** From a moment to the one that is no longer part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const BEFORE_MS = 100;
const AFTER_MS = 900;
const AFTER_END_MS = 100;

/** A second around the signal; or longer, until the new worker serves and the old one is gone, when that ends later. */
export function reloadWindow(signal: number, serving: number | null, oldGone: number | null): Span {
  const ends = [serving, oldGone].map((at) => (at === null ? signal : at + AFTER_END_MS));
  return { from: signal - BEFORE_MS, to: Math.max(signal + AFTER_MS, ...ends) };
}

export interface Split {
  /** The numbers of the requests of each window, in the order of the windows. */
  readonly windows: readonly (readonly number[])[];
  /** All others of `whole`. */
  readonly steady: readonly number[];
}

/** `whole`: without the warm-up. A request belongs to the time at which it was to be sent. */
export function split(records: Records, whole: Span, windows: readonly Span[]): Split {
  const found: number[][] = windows.map(() => []);
  const steady: number[] = [];
  records.due.forEach((due, i) => {
    const within = ({ from, to }: Span) => due >= from && due < to;
    if (!within(whole)) return;
    const list = found[windows.findIndex(within)] ?? steady;
    list.push(i);
  });
  return { windows: found, steady };
}

/** The numbers of the requests that were due when the load was `warmUpMs` old, or later. */
export function afterWarmUp(records: Records, warmUpMs: number): readonly number[] {
  const began = records.due.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  return split(records, { from: began + warmUpMs, to: Number.POSITIVE_INFINITY }, []).steady;
}
