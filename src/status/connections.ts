// Counts the connections that processes hold, and those that wait to be accepted, from /proc alone: nothing is asked
// of the workers. Ten thousand connections take about 100 ms of processor time, most of it for the links of their
// descriptors, so that the work is done in slices, between which the event loop of the master serves everything else.
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  now,
  parseTcp,
  parseUnix,
  TCP_STATE,
  UNIX_STATE,
  type UnixRow,
} from 'node-systemd-notify/linux';
import { socketInode } from '../linux/proc-process.js';

/** After this time in one turn of the event loop the next turn begins. */
const SLICE_MS = 3;
/** Bytes of a table that are parsed in one turn: some 400 rows, in less than a millisecond. */
const SLICE_BYTES = 64 * 1024;

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

interface ListedSocket {
  /** Null if it is neither a listener nor a connection that was accepted. */
  readonly address: Address | null;
  readonly isListener: boolean;
  /** Connections that wait to be accepted; null if it cannot be known. */
  readonly queued: number | null;
}

/** The sockets of the network namespace of the master, by inode. */
type SocketTable = ReadonlyMap<number, ListedSocket>;

/** `listeners` are inodes of listening sockets, whichever processes hold them. Never rejects. */
export async function countConnections(
  pids: readonly number[],
  listeners: ReadonlySet<number>,
): Promise<Counts> {
  const table = await readTable();
  const connections = new Map<number, number | null>();
  for (const pid of pids) {
    try {
      connections.set(pid, countAccepted(await socketsOf(pid), table, listeners));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      connections.set(pid, ['ENOENT', 'ESRCH'].includes(code) ? 0 : null);
    }
  }
  const queued = [...listeners].map((inode) => [inode, table.get(inode)?.queued ?? null] as const);
  return { connections, queued: new Map(queued) };
}

function countAccepted(
  held: ReadonlySet<number>,
  table: SocketTable,
  listeners: ReadonlySet<number>,
): number | null {
  // A connection belongs to the namespace where its listener was made, not to that of its process. With
  // PrivateNetwork= and a socket from systemd no connection is listed, and 0 would be wrong.
  const isHidden = (inode: number) => !table.has(inode) && !listeners.has(inode);
  if (![...listeners].every((inode) => table.has(inode)) && [...held].some(isHidden)) return null;
  const socketsIn = (inodes: Iterable<number>) =>
    [...inodes].map((inode) => table.get(inode)).filter((socket) => socket !== undefined);
  const accepting = socketsIn([...held, ...listeners]).filter(({ isListener }) => isListener);
  const addresses = new Set(accepting.map(({ address }) => address));
  return socketsIn(held).filter((one) => !one.isListener && addresses.has(one.address)).length;
}

/** The inodes of the sockets that a process holds. */
async function socketsOf(pid: number): Promise<Set<number>> {
  const inodes = new Set<number>();
  let sliceEnd = now() + SLICE_MS;
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    // Not through the thread pool, which would take twice the processor time.
    const inode = socketInode(fd, pid);
    if (inode !== null) inodes.add(inode);
    if (now() < sliceEnd) continue;
    await nextTurn();
    sliceEnd = now() + SLICE_MS;
  }
  return inodes;
}

async function readTable(): Promise<SocketTable> {
  const table = new Map<number, ListedSocket>();
  // Most rows of a busy machine are connections that are over (TIME_WAIT).
  const states = new Set(Object.values(TCP_STATE));
  for (const file of ['tcp', 'tcp6']) {
    for await (const lines of slicesOf(`/proc/self/net/${file}`)) {
      for (const { inode, state, port, rxQueue } of parseTcp(lines, states)) {
        const isListener = state === TCP_STATE.listen;
        table.set(inode, { address: port, isListener, queued: isListener ? rxQueue : null });
      }
    }
  }
  const rows: UnixRow[] = [];
  for await (const lines of slicesOf('/proc/self/net/unix')) rows.push(...parseUnix(lines));
  // The row of a unix connection does not name its listener, only the path that they share.
  const waiting = countPaths(rows.filter(({ state }) => state === UNIX_STATE.connecting));
  const sharing = countPaths(rows.filter(({ listening }) => listening));
  for (const { inode, state, path, listening } of rows) {
    const isConnection = listening || state === UNIX_STATE.connected;
    const queued = listening && sharing.get(path) === 1 ? (waiting.get(path) ?? 0) : null;
    table.set(inode, { address: isConnection ? path : null, isListener: listening, queued });
  }
  return table;
}

function countPaths(rows: readonly UnixRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of rows) counts.set(path, (counts.get(path) ?? 0) + 1);
  return counts;
}

/**
 * The text of a file, some whole lines in each turn of the event loop. One that cannot be read, such as tcp6 without IPv6, is
 * empty. It is read through the thread pool: one read may walk all of the kernel's hash table, for 10 ms and more.
 */
async function* slicesOf(path: string): AsyncGenerator<string> {
  const text = await readFile(path, 'latin1').catch(() => '');
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start + SLICE_BYTES);
    const end = newline === -1 ? text.length : newline + 1;
    yield text.slice(start, end);
    await nextTurn();
    start = end;
  }
}
