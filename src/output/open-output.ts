// Opens what handles the output of the workers. It is loaded only if it is needed.
import type { RunOptions } from '../run-options.js';
import type { StandardOutputs } from './standard-outputs.js';
import type { WorkerOutput } from './worker-output.js';

/** `opened`: outputs that are used already, and that are to be written to the end as well. */
export async function openOutput(
  { output: mode, name, env }: Pick<RunOptions, 'output' | 'name' | 'env'>,
  opened: StandardOutputs | null,
): Promise<WorkerOutput> {
  if (mode === 'inherit' && !opened) return UNTOUCHED;
  const { MASTER_EXIT_LIMITS, openStandardOutputs } = await import('./standard-outputs.js');
  const outputs = opened ?? openStandardOutputs();
  if (mode === 'inherit') return { ...UNTOUCHED, close: () => outputs.flushed(MASTER_EXIT_LIMITS) };
  const { createPipedOutput } = await import('./worker-output.js');
  return createPipedOutput(mode, name, env, outputs);
}

/** The workers write where the master does, and the master reads nothing of it. */
const UNTOUCHED: WorkerOutput = {
  variables: () => ({}),
  follow() {},
  ended: () => Promise.resolve(),
  forget() {},
  lastLinesOf: () => Promise.resolve([]),
  close: () => Promise.resolve(),
};
