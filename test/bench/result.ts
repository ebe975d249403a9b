// What a scenario gives, and how it reads as a table. Pure.
import type { Summary } from './statistics.js';

export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly rounds: number;
  readonly bare: Summary;
  readonly supervised: Summary;
  /** Ratio: supervised by bare. Difference: supervised less bare, in `unit`. */
  readonly comparison: { readonly kind: 'ratio' | 'difference' } & Summary;
  /** A ratio should be at least that, a difference at most. */
  readonly budget: number;
}

const COLUMNS = ['', 'bare', 'graceful-run', 'compared', 'quartiles', 'rounds', 'budget'] as const;

export function isMet({ comparison, budget }: Result): boolean {
  return comparison.kind === 'ratio' ? comparison.median >= budget : comparison.median <= budget;
}

export function table(results: readonly Result[]): string {
  const rows = [[...COLUMNS], ...results.map(cells)];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join('  '))
    .join('\n');
}

function cells(result: Result): string[] {
  const { name, unit, bare, supervised, comparison, rounds, budget } = result;
  const limit = `${comparison.kind === 'ratio' ? 'at least' : 'at most'} ${show(result, budget)}`;
  return [
    `${name}, ${unit}`,
    number(bare.median),
    number(supervised.median),
    show(result, comparison.median),
    `${show(result, comparison.low)} to ${show(result, comparison.high)}`,
    String(rounds),
    `${limit}: ${isMet(result) ? 'met' : 'MISSED'}`,
  ];
}

function show({ comparison, unit }: Result, value: number): string {
  if (comparison.kind === 'ratio') return value.toFixed(3);
  return `${value < 0 ? '' : '+'}${value.toFixed(1)} ${unit}`;
}

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

/** Text to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 || column === 6 ? cell.padEnd(width) : cell.padStart(width);
}
