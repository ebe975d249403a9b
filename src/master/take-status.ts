// The state of the fleet, joined with what the kernel knows of its connections.
import { readlinkSync } from 'node:fs';
import { emptyFleet } from '../core/vocabulary.js';
import { describeSocket, type HeldSocket } from '../sockets/held-socket.js';
import type { Sockets } from '../sockets/sockets.js';
import { report } from '../status/report.js';
import type { StatusReport } from '../status-report.js';
import type { Clock } from './clock.js';
import type { Master } from './master.js';
import type { RunOptions } from './run-options.js';

export async function takeStatus(
  { name, version, workers }: RunOptions,
  master: Master | null,
  sockets: Sockets,
  texts: ReadonlyMap<number, string>,
  { timeOfDay }: Pick<Clock, 'timeOfDay'>,
): Promise<StatusReport> {
  const fleet = master?.fleet() ?? emptyFleet(workers);
  const held = sockets.list();
  const inodes = held.map(inodeOf);
  const listeners = new Set(inodes.filter((inode) => inode !== null));
  const pids = fleet.workers.map((worker) => worker.pid).filter((pid) => pid !== null);
  // Asked for seldom, and then it needs more of Node than all else.
  const { count } = await import('../status/count.js');
  const { connections, queued } = await count(pids, listeners);
  return report(fleet, {
    name,
    pid: process.pid,
    version,
    sockets: held.map((socket, i) => ({
      name: socket.name,
      address: describeSocket(socket),
      queued: queued.get(inodes[i] ?? -1) ?? null,
    })),
    connections,
    texts,
    timeOfDay,
  });
}

/** Of the socket itself, as /proc/net lists it; not of the file of a unix socket. */
function inodeOf(socket: HeldSocket): number | null {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${socket.fd}`));
    return match ? Number(match[1]) : null;
  } catch {
    return null;
  }
}
