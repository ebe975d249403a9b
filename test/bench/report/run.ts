// One run of the bench: where, when, who, and what each scenario gave. Pure.
import { type Budget, isMet, type Report } from './report.js';

export interface Run {
  /** ISO 8601. */
  readonly date: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly peers: readonly PeerFacts[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  readonly outcomes: readonly Outcome[];
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Load average of the minute before the run. */
  readonly loadBefore: number;
}

export interface PeerFacts {
  readonly name: string;
  readonly version: string;
  readonly about: string;
}

export interface Outcome {
  readonly scenario: string;
  readonly about: string;
  readonly seconds: number;
  /** What it gave, or why it gave nothing. */
  readonly result: { readonly report: Report } | { readonly error: string };
}

export interface JudgedBudget extends Budget {
  readonly scenario: string;
  readonly met: boolean;
}

export function judgedBudgets({ outcomes }: Run): JudgedBudget[] {
  return outcomes.flatMap(({ scenario, result }) =>
    'error' in result
      ? []
      : result.report.budgets.map((budget) => ({ ...budget, scenario, met: isMet(budget) })),
  );
}

/** A missed time fails nothing: a busy machine is no defect. A quick run exists for the harness and the counts. */
export function exitStatus(run: Run): 0 | 1 {
  if (run.outcomes.some(({ result }) => 'error' in result)) return 1;
  const counts = judgedBudgets(run).filter(({ always }) => always);
  return run.quick && counts.some(({ met }) => !met) ? 1 : 0;
}
