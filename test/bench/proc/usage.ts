// What processes use: processor time, memory, wake-ups. Reads /proc.
import { readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { parseSchedstat, parseStat, parseStatus } from './parse.js';
import { read } from './read.js';

/** Of a tick in /proc/PID/stat: USER_HZ, 100 on all that Node runs on. */
const TICK_MS = 10;
const NANOSECONDS_A_MS = 1e6;

export interface Usage {
  readonly pid: number;
  /** A Node process; what else a supervisor starts, a relay in Perl for instance, is told apart. */
  readonly isNode: boolean;
  /** Bytes; pages that processes share count for each of them in `rss`, and for none in `rssAnon`. */
  readonly rss: number;
  readonly rssAnon: number;
  /** Of all threads that live, since they began: at least as many as times that one was woken. */
  readonly contextSwitches: number;
  readonly cpuMs: number;
}

/** Throws when a process is gone: a supervisor without one of its own is no measurement. */
export function usageOf(pid: number): Usage {
  const { rss, rssAnon } = statusOf(`${pid}`);
  return {
    ...{ pid, rss, rssAnon },
    isNode: basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('node'),
    contextSwitches: sum(threadsOf(pid), (thread) => statusOf(thread).contextSwitches),
    cpuMs: cpuMs([pid]),
  };
}

/** User and system time that they have used since they began, in milliseconds; none of those that are gone. */
export function cpuMs(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    // In nanoseconds, but of the threads that live; whole ticks, of those that have ended as well.
    const living = sum(threadsOf(pid), (thread) => threadMs(thread) ?? 0);
    const ticks = parseStat(read(`${pid}/stat`))?.ticks ?? 0;
    return Math.max(living, ticks * TICK_MS);
  });
}

/** Milliseconds that the main thread of a Node process, the one with its loop, has run. */
export const loopMs = (pid: number): number => threadMs(`${pid}/task/${pid}`) ?? Number.NaN;

/** null when it is gone, or the kernel does not tell. */
function threadMs(thread: string): number | null {
  const nanoseconds = parseSchedstat(read(`${thread}/schedstat`));
  return nanoseconds === null ? null : nanoseconds / NANOSECONDS_A_MS;
}

function statusOf(path: string): NonNullable<ReturnType<typeof parseStatus>> {
  const status = parseStatus(read(`${path}/status`));
  if (!status) throw new Error(`/proc/${path} is gone`);
  return status;
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
