// Opens what handles the output of the workers. It is loaded only if it is needed.

import type { RunOptions } from '../run-options.js';
import type { StandardOutputs } from './standard-outputs.js';
import type { PipedOutput } from './worker-output.js';

export interface WorkerOutput extends Omit<PipedOutput, 'lastLines'> {
  /**
   * The last lines that the worker wrote: those of a worker that has ended when all of them are read, those of another one
   * as they are now. Empty where the master does not read the output. Never rejects.
   */
  lastLinesOf(worker: number): Promise<readonly string[]>;
}

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
  const output = createPipedOutput({ mode, name, env, outputs });
  const endings = new Map<number, Promise<void>>();
  return {
    ...output,
    ended(worker) {
      const ending = output.ended(worker);
      endings.set(worker, ending);
      return ending;
    },
    async lastLinesOf(worker) {
      await endings.get(worker);
      return output.lastLines(worker);
    },
    forget(worker) {
      endings.delete(worker);
      output.forget(worker);
    },
  };
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
