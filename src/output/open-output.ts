// What the workers write: the hand for it, loaded only where it is asked for, and what is known of a failed worker.

import type { RunOptions } from '../run-options.js';
import type { Outlets } from './standard-outputs.js';
import type { Output } from './worker-output.js';

export interface WorkerOutput extends Omit<Output, 'lastLines'> {
  /** A generation is given up because of this worker, whose last lines are taken down. */
  failed(generation: number, worker: number): void;
  /** The last lines of the worker because of which this generation, the last that failed, was given up. */
  ofFailed(generation: number): readonly string[];
}

/** `opened`: where somebody else writes already, who is to be heard to the end as well. */
export async function openOutput(
  { output: mode, name, env }: Pick<RunOptions, 'output' | 'name' | 'env'>,
  opened: Outlets | null,
): Promise<WorkerOutput> {
  if (mode === 'inherit' && !opened) return UNTOUCHED;
  const { AT_THE_END, openOutlets } = await import('./standard-outputs.js');
  const outlets = opened ?? openOutlets();
  if (mode === 'inherit') return { ...UNTOUCHED, close: () => outlets.flushed(AT_THE_END) };
  const { createOutput } = await import('./worker-output.js');
  const output = createOutput({ mode, name, env, outlets });
  let verdict: { readonly generation: number; readonly lines: readonly string[] } | null = null;
  return {
    ...output,
    failed(generation, worker) {
      verdict = { generation, lines: output.lastLines(worker) };
    },
    ofFailed: (generation) => (verdict?.generation === generation ? verdict.lines : []),
  };
}

/** The workers write where the master does, and it knows nothing of it. */
const UNTOUCHED: WorkerOutput = {
  variables: () => ({}),
  follow() {},
  ended: () => Promise.resolve(),
  forget() {},
  failed() {},
  ofFailed: () => [],
  close: () => Promise.resolve(),
};
