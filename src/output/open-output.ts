// Opens what handles the output of the workers. It is loaded only if it is needed.
import type { RunOptions } from '../run-options.js';
import type { StandardOutputs } from './standard-outputs.js';
import type { WorkerOutput } from './worker-output.js';

/** `opened`: outputs that are used already, and that the workers share. */
export async function openOutput(
  { output: mode, name, env }: Pick<RunOptions, 'output' | 'name' | 'env'>,
  opened: StandardOutputs | null,
): Promise<WorkerOutput> {
  if (mode === 'inherit') return UNTOUCHED;
  const { openStandardOutputs } = await import('./standard-outputs.js');
  const { createPipedOutput } = await import('./worker-output.js');
  return createPipedOutput(mode, name, env, opened ?? openStandardOutputs());
}

/** The workers write where the master does, and the master reads nothing of it. */
const UNTOUCHED: WorkerOutput = {
  variables: () => ({}),
  follow() {},
  ended() {},
  lastLinesOf: () => Promise.resolve([]),
  close: () => Promise.resolve(),
};
