// Whether those that serve have much to do: seen from outside, by what they read and write while the next
// generation starts. Once for each generation: with many workers there is much to read.
import type { Fleet } from '../core/fleet.js';
import { now } from '../linux/monotonic-clock.js';
import { transfersOf } from '../workers/transfers.js';

/** Reads and writes of a busy worker in each millisecond; a request takes two at least. */
const BUSY = 3;
/** A shorter time tells nothing, in milliseconds. */
const LEAST_MS = 20;

interface Reading {
  readonly at: number;
  /** By pid. */
  readonly transfers: ReadonlyMap<number, number>;
}

export interface Business {
  /** Workers of the target are being spawned: takes a reading of those that are ready to serve. */
  begin(fleet: Fleet): void;
  /** Whether one of those was busy from then on until this is asked for the first time. */
  wasBusy(generation: number): boolean;
}

export function createBusiness(): Business {
  let watched: { generation: number; before: Reading; answer: boolean | null } | null = null;
  return {
    begin({ workers, serving, target }) {
      if (serving === 0 || target === 0 || watched?.generation === target) return;
      const ready = workers.filter((one) => one.generation === serving && one.state === 'ready');
      const before = read(ready.map((one) => one.pid));
      watched = { generation: target, before, answer: null };
    },
    wasBusy(generation) {
      if (watched?.generation !== generation) return false;
      watched.answer ??= isBusySince(watched.before);
      return watched.answer;
    },
  };
}

function isBusySince(before: Reading): boolean {
  const after = read([...before.transfers.keys()]);
  const elapsed = after.at - before.at;
  if (elapsed < LEAST_MS) return false;
  return [...after.transfers].some(([pid, transfers]) => {
    return transfers - (before.transfers.get(pid) ?? 0) > BUSY * elapsed;
  });
}

function read(pids: readonly (number | null)[]): Reading {
  const transfers = new Map<number, number>();
  for (const pid of pids) {
    const count = pid === null ? null : transfersOf(pid);
    if (pid !== null && count !== null) transfers.set(pid, count);
  }
  return { at: now(), transfers };
}
