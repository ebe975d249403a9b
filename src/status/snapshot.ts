// The state of the fleet, with what the kernel knows about its sockets and connections.

import type { Fleet } from '../core/fleet.js';
import { socketInode } from '../linux/proc-process.js';
import type { RunOptions } from '../run-options.js';
import { describeSocket, type HeldSocket } from '../sockets/held-socket.js';
import type { Counts, countConnections } from './connections.js';
import { report } from './report.js';
import type { StatusReport } from './report-types.js';

/** How long counts are used again, so that many requests for the status cost one count. */
const COUNTS_VALID_MS = 1000;

type CountConnections = typeof countConnections;

/** Loaded when the first status is requested: most masters never need it. */
const loadAndCount: CountConnections = async (...args) =>
  (await import('./connections.js')).countConnections(...args);

/**
 * `timeOfDay` converts a time of the fleet to milliseconds since 1970. The snapshot takes the sockets that are held, and
 * STATUS= of workers by their ids.
 */
export function createStatusSnapshot(
  { name, version }: Pick<RunOptions, 'name' | 'version'>,
  timeOfDay: (at: number) => number,
): (
  fleet: Fleet,
  sockets: readonly HeldSocket[],
  statusTexts: ReadonlyMap<number, string>,
) => Promise<StatusReport> {
  const count = cacheCounts(loadAndCount);
  return async (fleet, sockets, statusTexts) => {
    const held = sockets.map((socket) => ({ socket, inode: socketInode(socket.fd) }));
    const inodes = held.map(({ inode }) => inode).filter((inode) => inode !== null);
    const pids = fleet.workers.map((worker) => worker.pid).filter((pid) => pid !== null);
    const { connections, queued } = await count(pids, new Set(inodes));
    return report(fleet, {
      name,
      pid: process.pid,
      version,
      sockets: held.map(({ socket, inode }) => ({
        name: socket.name,
        address: describeSocket(socket),
        queued: queued.get(inode ?? -1) ?? null,
      })),
      connections,
      statusTexts,
      timeOfDay,
    });
  };
}

/** Counts again a second after a count has ended, at once after one that failed, and for other processes or listeners. */
export function cacheCounts(count: CountConnections): CountConnections {
  let last: { readonly key: string; readonly counts: Promise<Counts> } | null = null;
  return (pids, listeners) => {
    const key = JSON.stringify([pids, [...listeners]]);
    if (last?.key === key) return last.counts;
    const latest = { key, counts: count(pids, listeners) };
    last = latest;
    const forget = () => {
      if (last === latest) last = null;
    };
    latest.counts.then(() => setTimeout(forget, COUNTS_VALID_MS).unref(), forget);
    return latest.counts;
  };
}
