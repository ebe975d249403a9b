// Failed requests by class, and connections that a server closed. Pure.
import { FAILURE_KINDS, type FailureKind } from '../../helpers/load/connection.js';
import { type ClosedConnections, failureOf, type Records } from './records.js';
import type { Span } from './windows.js';

export interface Losses {
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  readonly closed: ClosedConnections;
}

/** Of the requests that were to be sent within the span; of all when it is absent. */
export function lossesOf(records: Records, span?: Span): Losses {
  return countLosses(records, (due) => !span || (due >= span.from && due < span.to));
}

/** Of those that ended after its begin and were to be sent before its end: what was under way then is among them. */
export function lossesEnding(records: Records, { from, to }: Span): Losses {
  return countLosses(records, (due, i) => due + (records.took[i] ?? 0) > from && due < to);
}

function countLosses(records: Records, counts: (due: number, i: number) => boolean): Losses {
  const failures = noFailures();
  let requests = 0;
  records.due.forEach((due, i) => {
    if (!counts(due, i)) return;
    requests += 1;
    const kind = failureOf(records, i);
    if (kind) failures[kind] += 1;
  });
  return { requests, failed: total(failures), failures, closed: records.closed };
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
