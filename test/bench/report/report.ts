// What a scenario gives, whether it is printed, written as a page or as JSON. Pure.

export interface Report {
  readonly tables: readonly Table[];
  readonly budgets: readonly Budget[];
}

export interface Table {
  readonly title: string;
  /** The first column names the row. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What a reader has to know to read the figures: load, rounds, how they were taken. Sentences. */
  readonly note?: string;
}

/** A text as it is shown, or a figure with its spread; null: not measured, shown as a dash. */
export type Cell = string | Figure | null;

export interface Figure {
  readonly median: number;
  /** Quartiles: half of the rounds lie between them. Absent for a plain count. */
  readonly low?: number;
  readonly high?: number;
  /** Digits behind the point; 0 when absent. */
  readonly digits?: number;
}

export interface Budget {
  /** `failed requests`, `requests/s against bare, keep-alive`, ... */
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  readonly kind: 'at least' | 'at most';
  readonly limit: number;
  readonly digits?: number;
  /** A count that must hold on any machine, however busy: failed requests. Missed, it fails the run. */
  readonly always?: boolean;
}

/** What was not measured, or never ended, meets no limit. */
export function isMet({ kind, measured, limit }: Budget): boolean {
  if (!Number.isFinite(measured)) return false;
  return kind === 'at least' ? measured >= limit : measured <= limit;
}
