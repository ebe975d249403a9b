// One run of the bench: where, when, who, and what each scenario gave. Pure.
import { EXPLANATIONS } from './explanations.js';
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
  /** A virtual machine: others may take its processors away, unseen. */
  readonly hypervisor: boolean;
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
  /** Of a missed one, where somebody has found out. */
  readonly why?: string;
}

export function judgedBudgets({ outcomes }: Run, explanations = EXPLANATIONS): JudgedBudget[] {
  return outcomes.flatMap(({ scenario, result }) => {
    if ('error' in result) return [];
    return result.report.budgets.map((budget): JudgedBudget => {
      const met = isMet(budget);
      const why = met ? undefined : explanations.get(`${scenario}: ${budget.what}`);
      return { ...budget, scenario, met, ...(why !== undefined && { why }) };
    });
  });
}

/** A missed time fails nothing: a busy machine is no defect. A count has to hold on any. */
export function exitStatus(run: Run): 0 | 1 {
  if (run.outcomes.some(({ result }) => 'error' in result)) return 1;
  return judgedBudgets(run).some(({ always, met }) => always && !met) ? 1 : 0;
}
