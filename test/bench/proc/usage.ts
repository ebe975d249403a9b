// What a process uses: memory, processor time, wake-ups. Reads /proc.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { parseSchedstat, parseStatus } from './parse.js';

export interface Usage {
  readonly pid: number;
  /** A Node process; what else a supervisor starts, a relay in Perl for instance, is told apart. */
  readonly isNode: boolean;
  /** Bytes. */
  readonly rss: number;
  readonly rssAnon: number;
  /** Of all threads since they began. */
  readonly contextSwitches: number;
  readonly cpuMs: number;
}

/** Throws when a process is gone: a supervisor without one of its own is no measurement. */
export function usageOf(pid: number): Usage {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  const memory = statusOf(`/proc/${pid}`);
  const sum = (of: (thread: string) => number) => threads.reduce((all, one) => all + of(one), 0);
  return {
    pid,
    isNode: basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('node'),
    ...{ rss: memory.rss, rssAnon: memory.rssAnon },
    contextSwitches: sum((thread) => statusOf(thread).contextSwitches),
    cpuMs: sum(threadMs),
  };
}

/** Milliseconds that the main thread of a Node process, the one with its loop, has run. */
export const loopMs = (pid: number): number => threadMs(`/proc/${pid}/task/${pid}`);

const threadMs = (path: string) => (parseSchedstat(read(`${path}/schedstat`)) ?? Number.NaN) / 1e6;

function statusOf(path: string): NonNullable<ReturnType<typeof parseStatus>> {
  const status = parseStatus(read(`${path}/status`));
  if (!status) throw new Error(`${path} is gone`);
  return status;
}

const read = (path: string) => readFileSync(path, 'latin1');
