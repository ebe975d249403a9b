// The state of the fleet, joined with what the kernel knows of its connections.
import { readlinkSync } from 'node:fs';
import type { Fleet } from '../core/fleet.js';
import type { RunOptions } from '../run-options.js';
import { describeSocket, type HeldSocket } from '../sockets/held-socket.js';
import type { Sockets } from '../sockets/registry.js';
import { report } from './report.js';
import type { StatusReport } from './report-types.js';

export async function takeStatus(
  { name, version }: RunOptions,
  fleet: Fleet,
  sockets: Sockets,
  texts: ReadonlyMap<number, string>,
  timeOfDay: (at: number) => number,
): Promise<StatusReport> {
  const held = sockets.list();
  const inodes = held.map(inodeOf);
  const listeners = new Set(inodes.filter((inode) => inode !== null));
  const pids = fleet.workers.map((worker) => worker.pid).filter((pid) => pid !== null);
  // Asked for seldom, and then it needs more of Node than all else.
  const { count } = await import('./count.js');
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
