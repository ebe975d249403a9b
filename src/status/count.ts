// Counts connections where it costs the master least: a few at once, many in a process of their own. Ten
// thousand take 100 ms of a processor, which would be time of the loop that rolls workers; another process
// takes less, as its code is compiled, and leaves no memory behind: 40 MB for as long as it lives.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { inPackage } from '../package-root.js';
import { countConnections, queuedOn, socketTables } from './connections.js';

export interface Counts {
  /** Accepted connections, by pid; see `countConnections`. */
  readonly connections: ReadonlyMap<number, number | null>;
  /** Connections that wait to be accepted, by the inode of their listener; see `queuedOn`. */
  readonly queued: ReadonlyMap<number, number | null>;
}

/** As they go over stdout of the process that counts. */
export interface CountsText {
  readonly connections: readonly (readonly [pid: number, count: number | null])[];
  readonly queued: readonly (readonly [inode: number, count: number | null])[];
}

/** Sockets of this machine or container for which it pays to start a process: about 10 ms of the loop. */
const MANY_SOCKETS = 1000;
/** Then it is counted here: a machine that starts no process in such a time is in need of its status. */
const PATIENCE_MS = 10_000;
const MAX_TEXT = 16 * 1024 * 1024;

/** The connections that these processes hold, and those that wait on these listeners, by inode. */
export async function count(
  pids: readonly number[],
  listeners: ReadonlySet<number>,
  elsewhere = countElsewhere,
): Promise<Counts> {
  if (socketsInUse() >= MANY_SOCKETS) {
    const counts = await elsewhere(pids, listeners).catch(() => null);
    if (counts) return counts;
  }
  return countHere(pids, listeners);
}

/** The same, in this process. */
export async function countHere(
  pids: readonly number[],
  listeners: ReadonlySet<number>,
): Promise<Counts> {
  const tables = socketTables();
  const connections = await countConnections(pids, listeners, tables);
  return { connections, queued: await queuedOn(listeners, tables) };
}

/** The same, in a process of its own. Throws when that cannot be started or fails. */
export async function countElsewhere(
  pids: readonly number[],
  listeners: ReadonlySet<number>,
): Promise<Counts> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [inPackage('dist/src/status/count-process.js'), pids.join(), [...listeners].join()],
    // Nothing of what is meant for workers or for the master: NODE_OPTIONS, NOTIFY_SOCKET, LISTEN_FDS.
    { env: {}, timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: MAX_TEXT },
  );
  const { connections, queued } = JSON.parse(stdout) as CountsText;
  // The package may have been replaced since this master was started.
  if (!Array.isArray(connections) || !Array.isArray(queued))
    throw new Error('counts of another version');
  return { connections: new Map(connections), queued: new Map(queued) };
}

/** Of this network namespace, with connections that are over but remembered (TIME_WAIT). */
function socketsInUse(): number {
  try {
    const text = readFileSync('/proc/self/net/sockstat', 'utf8');
    const used = /^sockets: used (\d+)/m.exec(text);
    const waiting = /^TCP: .* tw (\d+)/m.exec(text);
    return Number(used?.[1] ?? 0) + Number(waiting?.[1] ?? 0);
  } catch {
    return 0;
  }
}
