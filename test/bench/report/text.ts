// Cells and budgets as text, the same on the terminal and on the page. Pure.
import type { Budget, Cell, Figure, Table } from './report.js';
import type { Machine, Outcome } from './run.js';

const GIB = 1024 ** 3;

export function cellText(cell: Cell): string {
  if (cell === null) return '–';
  return typeof cell === 'string' ? cell : figureText(cell);
}

/** `median (low to high)`; the median alone for a plain count. */
function figureText({ median, low, high, digits = 0 }: Figure): string {
  const text = numberText(median, digits);
  if (low === undefined || high === undefined) return text;
  return `${text} (${numberText(low, digits)} to ${numberText(high, digits)})`;
}

export function numberText(value: number, digits = 0): string {
  const text = value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // Rounding leaves the sign of what is too small to be shown.
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}

/** `p99 against the steady p99: 1.42, at most 2`. */
export function budgetText({ what, measured, unit, kind, limit, digits = 0 }: Budget): string {
  const suffix = unit === '' ? '' : ` ${unit}`;
  const limitText = numberText(limit, Number.isInteger(limit) ? 0 : Math.max(digits, 2));
  const seen = Number.isNaN(measured) ? 'not measured' : `${numberText(measured, digits)}${suffix}`;
  return `${what}: ${seen}, ${kind} ${limitText}${suffix}`;
}

export const verdict = (met: boolean): string => (met ? 'met' : 'MISSED');

/** Columns that hold nothing but figures have them under each other by their last digits. */
export function isNumeric({ rows }: Table, column: number): boolean {
  const cells = rows.map((row) => row[column] ?? null).filter((cell) => cell !== null);
  return cells.length > 0 && cells.every((cell) => typeof cell !== 'string');
}

export function machineText(machine: Machine): string {
  const { processor, cores, hypervisor, memoryBytes, kernel, node, loadBefore } = machine;
  const memory = numberText(memoryBytes / GIB, 1);
  return (
    `${processor}, ${cores} cores${hypervisor ? ' under a hypervisor' : ''}, ${memory} GiB of memory, Linux ${kernel}, Node ${node}, ` +
    `load before the run ${numberText(loadBefore, 2)}`
  );
}

export function outcomeTitle({ scenario, about, seconds }: Outcome): string {
  return `${scenario}: ${about} (${numberText(seconds)} s)`;
}
