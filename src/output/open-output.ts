// Opens what handles the output of the workers. It is loaded only if it is needed.
import type { RunOptions } from '../run-options.js';
import type { StandardOutputs } from './standard-outputs.js';
import type { WorkerOutput } from './worker-output.js';

/** `opened`: outputs that are used already, and that are to be written to the end as well. */
export async function openOutput(
  { output: mode, name, env }: Pick<RunOptions, 'output' | 'name' | 'env'>,
  opened: StandardOutputs | null,
): Promise<WorkerOutput> {
  if (mode === 'inherit') return untouchedOutput(opened);
  const { openStandardOutputs } = await import('./standard-outputs.js');
  const { createPipedOutput } = await import('./worker-output.js');
  return createPipedOutput(mode, name, env, opened ?? openStandardOutputs());
}

/** The workers write where the master does, and the master reads nothing of it. */
function untouchedOutput(opened: StandardOutputs | null): WorkerOutput {
  return {
    variables: () => ({}),
    follow() {},
    ended() {},
    lastLinesOf: () => Promise.resolve([]),
    async close() {
      if (!opened) return;
      const { flush, limitReached, MASTER_EXIT_MS } = await import('./standard-outputs.js');
      await flush(opened, limitReached(opened, MASTER_EXIT_MS));
    },
  };
}
