// Measured values as cells of a table. Pure.
import { FAILURE_KINDS } from '../../helpers/load/connection.js';
import type { Losses } from '../clients/losses.js';
import type { Budget, Cell } from '../report/report.js';
import { summarize } from '../statistics.js';

export const FAILED_COLUMNS = ['requests', 'failed', ...FAILURE_KINDS] as const;

export const failedCells = ({ requests, failed, failures }: Losses): Cell[] => [
  ...[count(requests), count(failed)],
  ...FAILURE_KINDS.map((kind) => count(failures[kind])),
];

export const count = (n: number): Cell => ({ median: n });

/** Median and quartiles; a dash without values. */
export function spread(values: readonly number[], digits = 0): Cell {
  if (values.length === 0) return null;
  const { median, low, high } = summarize(values);
  if (values.every(Number.isFinite)) return { median, low, high, digits };
  return Number.isFinite(median) ? { median, digits } : LOST;
}

export function single(value: number | null | undefined, digits = 0): Cell {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  return Number.isFinite(value) ? { median: value, digits } : LOST;
}

/** In place of a latency: that many were never answered. */
const LOST = 'failed';

/** No request may fail, on whatever machine. */
export const noFailures = (what: string, measured: number): Budget => ({
  ...{ what, measured, unit: '', kind: 'at most', limit: 0, always: true },
});
