// Counts the connections that processes hold, and those that wait to be accepted, from /proc alone: nothing is asked
// of the workers. Ten thousand connections take about 100 ms of processor time, so that the work is done in slices,
// between which the event loop of the master serves everything else.
import { readlinkSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { socketInode } from '../linux/fd-inode.js';
import { now } from '../linux/monotonic-clock.js';
import { parseTcp, parseUnix, TCP_STATE, UNIX_STATE } from '../linux/proc-net.js';

/** After this time in one turn of the event loop the next turn begins. */
const SLICE_MS = 3;
/** The kernel gives at most one page, about 27 rows, for each read. */
const CHUNK_BYTES = 16_384;

export interface Counts {
  /**
   * Accepted connections that each process holds, by pid: those that came through one of the given listeners, or
   * through one that the process holds itself. Its own connections to other servers do not count. A process that has
   * ended has 0. Null if it cannot be known, because of permissions or a listener of another network namespace.
   */
  readonly connections: ReadonlyMap<number, number | null>;
  /**
   * Connections in the accept queue of each listener, by its inode. Null if it cannot be known: there is no such
   * listener in this network namespace, or several with the same path.
   */
  readonly queued: ReadonlyMap<number, number | null>;
}

/** A local TCP port or the path of a unix socket: what a listener and its connections have in common. */
type Address = number | string;

/** The sockets of one network namespace, by inode. */
interface SocketTables {
  readonly listeners: Map<number, { readonly address: Address; readonly queued: number | null }>;
  /** All other sockets; null for those that cannot be accepted connections. */
  readonly others: Map<number, Address | null>;
}

/** `listeners` are inodes of listening sockets, whichever processes hold them. Never rejects. */
export async function countConnections(
  pids: readonly number[],
  listeners: ReadonlySet<number>,
): Promise<Counts> {
  // Each namespace is read once: on a busy machine its tables are long.
  const namespaces = new Map<string, Promise<SocketTables>>();
  const tablesOf = async (pid: number | 'self') => {
    const namespace = readlinkSync(`/proc/${pid}/ns/net`);
    const tables = namespaces.get(namespace) ?? readTables(pid);
    namespaces.set(namespace, tables);
    return tables;
  };
  const own = await tablesOf('self').catch(() => null);
  const queued = [...listeners].map((inode): [number, number | null] => [
    inode,
    own?.listeners.get(inode)?.queued ?? null,
  ]);
  const connections = new Map<number, number | null>();
  for (const pid of pids) {
    try {
      const held = await socketsOf(pid);
      connections.set(pid, countAccepted(held, await tablesOf(pid), listeners));
    } catch (error) {
      connections.set(pid, isGone(error) ? 0 : null);
    }
  }
  return { connections, queued: new Map(queued) };
}

function countAccepted(
  held: ReadonlySet<number>,
  tables: SocketTables,
  listeners: ReadonlySet<number>,
): number | null {
  const addresses = new Set<Address>();
  for (const [inode, { address }] of tables.listeners) {
    if (held.has(inode) || listeners.has(inode)) addresses.add(address);
  }
  const isListed = (inode: number) => tables.listeners.has(inode) || tables.others.has(inode);
  // A connection belongs to the namespace where its listener was made, not to that of its process. With
  // PrivateNetwork= and a socket from systemd no connection is listed, and 0 would be wrong.
  const isHidden = (inode: number) => !isListed(inode) && !listeners.has(inode);
  if (![...listeners].every(isListed) && [...held].some(isHidden)) return null;
  let count = 0;
  for (const inode of held) {
    const address = tables.others.get(inode);
    if (address != null && addresses.has(address)) count += 1;
  }
  return count;
}

/** The inodes of the sockets that a process holds. */
async function socketsOf(pid: number): Promise<Set<number>> {
  const inodes = new Set<number>();
  let sliceEnd = now() + SLICE_MS;
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    // Not through the thread pool, which would take twice the processor time for the 4 microseconds of this.
    const inode = socketInode(fd, pid);
    if (inode !== null) inodes.add(inode);
    if (now() < sliceEnd) continue;
    await nextTurn();
    sliceEnd = now() + SLICE_MS;
  }
  return inodes;
}

async function readTables(pid: number | 'self'): Promise<SocketTables> {
  const listeners: SocketTables['listeners'] = new Map();
  const others: SocketTables['others'] = new Map();
  // Most rows of a busy machine are connections that are over (TIME_WAIT).
  const states = new Set(Object.values(TCP_STATE));
  for (const table of ['tcp', 'tcp6']) {
    await readLines(`/proc/${pid}/net/${table}`, (text) => {
      for (const { inode, state, port, rxQueue } of parseTcp(text, states)) {
        if (state === TCP_STATE.listen) listeners.set(inode, { address: port, queued: rxQueue });
        else others.set(inode, port);
      }
    });
  }
  // The row of a unix connection does not name its listener, only the path that they share.
  const waiting = new Map<string, number>();
  const listenersAt = new Map<string, number[]>();
  await readLines(`/proc/${pid}/net/unix`, (text) => {
    for (const { inode, state, path, listening } of parseUnix(text)) {
      if (listening) listenersAt.set(path, [...(listenersAt.get(path) ?? []), inode]);
      else others.set(inode, state === UNIX_STATE.connected ? path : null);
      if (state === UNIX_STATE.connecting) waiting.set(path, (waiting.get(path) ?? 0) + 1);
    }
  });
  for (const [path, inodes] of listenersAt) {
    const queued = inodes.length === 1 ? (waiting.get(path) ?? 0) : null;
    for (const inode of inodes) listeners.set(inode, { address: path, queued });
  }
  return { listeners, others };
}

/**
 * Calls `visit` with some whole lines of a file at a time. A file that does not exist, such as tcp6, is empty. It is
 * read through the thread pool: one read may walk all of the kernel's hash table, for 10 ms and more.
 */
async function readLines(path: string, visit: (text: string) => void): Promise<void> {
  const file = await open(path).catch((error: unknown) => {
    if (isGone(error)) return null;
    throw error;
  });
  if (!file) return;
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let kept = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, kept, CHUNK_BYTES - kept, null);
      if (bytesRead === 0) return;
      const end = kept + bytesRead;
      const whole = buffer.lastIndexOf('\n', end - 1) + 1;
      visit(buffer.toString('utf8', 0, whole));
      buffer.copyWithin(0, whole, end);
      kept = end - whole;
    }
  } finally {
    await file.close();
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH';
}
