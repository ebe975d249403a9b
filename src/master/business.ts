// Whether those that serve have much to do: seen from outside, by what they read and write while the next
// generation starts.
import type { Fleet } from '../core/vocabulary.js';
import { now } from '../monotonic.js';
import { transfersOf } from '../workers/transfers.js';

/** Reads and writes of a busy worker in each millisecond: a thousand requests a second and more. */
const BUSY = 3;

interface Reading {
  readonly at: number;
  /** By pid. */
  readonly transfers: ReadonlyMap<number, number>;
}

/** Takes a reading of the workers that serve now; asked later, says whether one of them was busy since then. */
export function watchBusiness({ workers, serving }: Fleet): () => boolean {
  const before = read(workers.filter((one) => one.generation === serving).map((one) => one.pid));
  return () => {
    const after = read([...before.transfers.keys()]);
    return [...after.transfers].some(([pid, transfers]) => {
      return transfers - (before.transfers.get(pid) ?? 0) > BUSY * (after.at - before.at);
    });
  };
}

function read(pids: readonly (number | null)[]): Reading {
  const transfers = new Map<number, number>();
  for (const pid of pids) {
    const count = pid === null ? null : transfersOf(pid);
    if (pid !== null && count !== null) transfers.set(pid, count);
  }
  return { at: now(), transfers };
}
