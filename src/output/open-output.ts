// Opens what handles the output of the workers. It is loaded only if it is needed.

import type { RunOptions } from '../run-options.js';
import type { Outlets } from './standard-outputs.js';
import type { Output } from './worker-output.js';

export interface WorkerOutput extends Omit<Output, 'lastLines'> {
  /**
   * The last lines that the worker wrote: those of a worker that has ended when all of them are read, those of another one
   * as they are now. Empty where the master does not read the output. Never rejects.
   */
  lastLinesOf(worker: number): Promise<readonly string[]>;
}

/** `opened`: outputs that are used already, and that are to be written to the end as well. */
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
  const endings = new Map<number, Promise<void>>();
  return {
    ...output,
    ended(worker) {
      // A failure here must not keep anybody waiting: the lines are then as they are.
      const ending = output.ended(worker).catch(() => {});
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
