// What the processes of a supervisor use, each by itself.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Running } from '../../peers/peer.js';
import { parseSchedstat, parseStatus } from '../../proc/parse.js';

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
    cpuMs: sum((thread) => parseSchedstat(read(`${thread}/schedstat`)) ?? Number.NaN) / 1e6,
  };
}

export const supervisorOf = (running: Running): readonly number[] => running.processes().supervisor;

function statusOf(path: string): NonNullable<ReturnType<typeof parseStatus>> {
  const status = parseStatus(read(`${path}/status`));
  if (!status) throw new Error(`${path} is gone`);
  return status;
}

const read = (path: string) => readFileSync(path, 'latin1');
