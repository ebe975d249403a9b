// Which requests belong to a reload, and how long they took while it was at its worst. Pure; all moments in
// milliseconds of the shared clock. A request belongs to the time at which it was to be sent.
import { latencyOf, tookOf } from './latency.js';
import type { Records } from './records.js';

/** From a moment to the one that is no longer part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Of a reload, before its signal and after its end. */
export const MARGIN_MS = 100;
const WINDOW_MS = 1000;
const STEP_MS = 100;

export const isWithin = ({ from, to }: Span, at: number): boolean => at >= from && at < to;

/** Until the new release served and the old worker was gone (null: never), and a window at least. */
export function reloadSpan(signal: number, serving: number | null, oldGone: number | null): Span {
  const from = signal - MARGIN_MS;
  const ends = [serving, oldGone].map((at) => (at ?? signal) + MARGIN_MS);
  return { from, to: Math.max(from + WINDOW_MS, ...ends) };
}

/** Their numbers. */
export function requestsIn({ due }: Records, span: Span): number[] {
  return [...due.keys()].filter((i) => isWithin(span, due[i] as number));
}

/**
 * The highest p99, in milliseconds, of all seconds that begin each 100 ms. Over the whole span it would be the
 * better the longer an old worker takes to leave. NaN when a second is without a request.
 */
export function worstP99(records: Records, span: Span): number {
  const requests = requestsIn(records, span);
  const last = span.to - WINDOW_MS;
  const begins = [last];
  for (let begin = span.from; begin < last; begin += STEP_MS) begins.push(begin);
  const p99s = begins.map((from) => {
    const second = { from, to: from + WINDOW_MS };
    const within = requests.filter((i) => isWithin(second, records.due[i] as number));
    return latencyOf(tookOf(records, within)).p99;
  });
  return Math.max(...p99s);
}

/** The numbers of the requests that were due when the load was `warmUpMs` old, or later. */
export function afterWarmUp(records: Records, warmUpMs: number): readonly number[] {
  const began = records.due.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  return requestsIn(records, { from: began + warmUpMs, to: Number.POSITIVE_INFINITY });
}
