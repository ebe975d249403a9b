// Many reloads of all contestants at once: what they leave behind in memory needs no quiet machine.
import { firstAnswer } from '../../clients/probe.js';
import type { Running } from '../../peers/peer.js';

const COMMAND_LIMIT_MS = 20_000;
const ANSWER_LIMIT_MS = 10_000;

export interface Reloads {
  readonly done: number;
  /** Why it came to no more; null when it did, or time was up. */
  readonly problem: string | null;
}

/** Reloads `times` times, each until the new release has answered, or until `limitMs` are over. */
export async function reloadOften(
  { reload, endpoint }: Running,
  times: number,
  limitMs: number,
): Promise<Reloads> {
  const end = performance.now() + limitMs;
  let done = 0;
  if (!reload) return { done, problem: null };
  try {
    while (done < times && performance.now() < end) {
      const generation = done + 2;
      const { status, timedOut } = await reload({ generation }, COMMAND_LIMIT_MS);
      if (timedOut) return { done, problem: 'the command did not end' };
      if (status) return { done, problem: `the command ended with ${status}` };
      const isNew = (answer: { generation: number }) => answer.generation === generation;
      const served = await firstAnswer(endpoint, isNew, ANSWER_LIMIT_MS);
      if (served === null) return { done, problem: `no answer by generation ${generation}` };
      done += 1;
    }
    return { done, problem: null };
  } catch (error) {
    return { done, problem: error instanceof Error ? error.message : String(error) };
  }
}
