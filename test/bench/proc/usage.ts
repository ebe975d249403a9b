// What processes use: processor time, memory, wake-ups. Reads /proc. Processes that are gone count nothing.
import { readdirSync } from 'node:fs';
import { parseSchedstat, parseStat, parseStatus } from './parse.js';
import { read } from './read.js';

/** Of a tick in /proc/PID/stat: USER_HZ, 100 on all that Node runs on. */
const TICK_MS = 10;
const NANOSECONDS_A_MS = 1e6;

export interface Memory {
  readonly rss: number;
  readonly rssAnon: number;
}

/** User and system time that they have used since they began, in milliseconds. */
export function cpuMs(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    // In nanoseconds, but of the threads that live; whole ticks, of those that have ended as well.
    const living = sum(
      threadsOf(pid),
      (thread) => parseSchedstat(read(`${thread}/schedstat`)) ?? 0,
    );
    const ticks = parseStat(read(`${pid}/stat`))?.ticks ?? 0;
    return Math.max(living / NANOSECONDS_A_MS, ticks * TICK_MS);
  });
}

/** In bytes. Pages that processes share count for each of them in `rss`, and for none in `rssAnon`. */
export function memoryOf(pids: readonly number[]): Memory {
  const rows = pids.flatMap((pid) => parseStatus(read(`${pid}/status`)) ?? []);
  return { rss: sum(rows, ({ rss }) => rss), rssAnon: sum(rows, ({ rssAnon }) => rssAnon) };
}

/** Context switches of all their threads that live: at least as many as times that one was woken. */
export function wakeUps(pids: readonly number[]): number {
  return sum(pids, (pid) =>
    sum(threadsOf(pid), (thread) => parseStatus(read(`${thread}/status`))?.contextSwitches ?? 0),
  );
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `${pid}/task/${thread}`);
  } catch {
    return [];
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
