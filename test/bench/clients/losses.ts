// Failed requests by class, and connections that a server closed. Pure.
import { FAILURE_KINDS, type FailureKind } from '../../helpers/load/connection.js';
import { failureOf, type Records } from './records.js';
import { isWithin, type Span } from './windows.js';

export interface Losses {
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  /** Connections, as in the records. */
  readonly closed: { readonly announced: number; readonly unannounced: number };
}

/** Of the requests that were to be sent, and the connections that ended, within the span; of all without one. */
export function lossesOf(records: Records, span?: Span): Losses {
  return countLosses(records, span, (due) => !span || isWithin(span, due));
}

/** Of those that ended after its begin and were to be sent before its end: what was under way then is among them. */
export function lossesEnding(records: Records, span: Span): Losses {
  const { from, to } = span;
  return countLosses(records, span, (due, i) => due + (records.took[i] ?? 0) > from && due < to);
}

function countLosses(
  records: Records,
  span: Span | undefined,
  counts: (due: number, i: number) => boolean,
): Losses {
  const failures = noFailures();
  let requests = 0;
  records.due.forEach((due, i) => {
    if (!counts(due, i)) return;
    requests += 1;
    const kind = failureOf(records, i);
    if (kind) failures[kind] += 1;
  });
  const { announced, unannounced } = records.closed;
  const closes = (moments: readonly number[]) =>
    span ? moments.filter((at) => isWithin(span, at)).length : moments.length;
  const closed = { announced: closes(announced), unannounced: closes(unannounced) };
  return { requests, failed: total(failures), failures, closed };
}

export function sum(all: readonly Losses[]): Losses {
  const failures = noFailures();
  for (const one of all) for (const kind of FAILURE_KINDS) failures[kind] += one.failures[kind];
  const add = (count: (one: Losses) => number) => all.reduce((n, one) => n + count(one), 0);
  return {
    requests: add((one) => one.requests),
    failed: total(failures),
    failures,
    closed: {
      announced: add((one) => one.closed.announced),
      unannounced: add((one) => one.closed.unannounced),
    },
  };
}

const total = (failures: Readonly<Record<FailureKind, number>>) =>
  FAILURE_KINDS.reduce((n, kind) => n + failures[kind], 0);

function noFailures(): Record<FailureKind, number> {
  return Object.fromEntries(FAILURE_KINDS.map((kind) => [kind, 0])) as Record<FailureKind, number>;
}
