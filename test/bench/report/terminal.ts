// A run as it is read on a terminal. Pure.
import type { Table } from './report.js';
import { judgedBudgets, type Outcome, type Run } from './run.js';
import { budgetText, cellText, isNumeric, machineText, outcomeTitle, verdict } from './text.js';

const WIDTH = 100;

export function runAsText(run: Run): string {
  const lines = [
    machineText(run.machine),
    ...run.leftOut.map(({ name, why }) => `left out: ${name}: ${why}`),
    ...run.outcomes.flatMap((outcome) => ['', ...outcomeLines(outcome)]),
  ];
  const budgets = judgedBudgets(run);
  if (budgets.length > 0) {
    lines.push('', 'Budgets');
    for (const budget of budgets) {
      lines.push(`  ${verdict(budget.met).padEnd(6)}  ${budget.scenario}: ${budgetText(budget)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function outcomeLines(outcome: Outcome): string[] {
  const { result } = outcome;
  const title = `== ${outcomeTitle(outcome)}`;
  if ('error' in result) return [title, `FAILED: ${result.error}`];
  return [title, ...result.report.tables.flatMap((table) => ['', ...tableLines(table)])];
}

export function tableLines(table: Table): string[] {
  const rows = [[...table.columns], ...table.rows.map((row) => row.map(cellText))];
  const widths = table.columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const numeric = table.columns.map((_, i) => isNumeric(table, i));
  const pad = (text: string, i: number) =>
    numeric[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  const lines = rows.map((row) => row.map(pad).join('  ').trimEnd());
  return [table.title, ...lines, ...(table.note ? wrapped(table.note) : [])];
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}
