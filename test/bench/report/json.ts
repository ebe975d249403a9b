// A run for programs: as it is, each budget with its verdict. Pure.
import { judgedBudgets, type Run } from './run.js';

export function runAsJson(run: Run): string {
  return `${JSON.stringify({ ...run, budgets: judgedBudgets(run) }, null, 2)}\n`;
}
