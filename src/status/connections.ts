// Counts the connections that processes hold, and those that wait to be accepted, from /proc alone: no
// word from the workers. It must not hold up the master's loop.
import { readlinkSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import {
  parseTcp,
  parseUnix,
  TCP_STATE,
  type TcpRow,
  UNIX_STATE,
  type UnixRow,
} from '../linux/proc-net.js';

// A link is read in 4 microseconds; the thread pool would take twice the processor time. The tables of
// sockets do go through the pool: one read may walk all of the kernel's hash table, for 10 ms and more.
const LINKS_A_TURN = 256;
// The kernel gives a page, about 27 rows, for each read.
const CHUNK = 16384;

/** The sockets of one network namespace, as far as they matter here. */
interface Sockets {
  /** TCP that listens. */
  readonly listeners: readonly TcpRow[];
  /** TCP that was accepted or connected, inode and local port in turn: there may be very many. */
  readonly connections: readonly number[];
  readonly unix: readonly UnixRow[];
}

const NOTHING: Sockets = { listeners: [], connections: [], unix: [] };

/** The sockets of the namespace of a process. */
export type SocketTables = (pid: number | 'self') => Promise<Sockets>;

/** One look at them: each namespace is read once, for on a busy machine the tables are long. */
export function socketTables(): SocketTables {
  const read = new Map<number | 'self', Promise<Sockets>>();
  return (pid) => {
    const known = read.get(pid) ?? readSockets(pid);
    read.set(pid, known);
    return known;
  };
}

/**
 * Accepted connections that each process holds now, by pid. Those count that came in through one of the
 * given listeners or through one the process holds itself; its own connections to others do not.
 * `listenerInodes` are those of listening sockets that live on, wherever they are held. A process that
 * is gone has 0; null means that it cannot be known, for lack of permission or because a listener
 * belongs to another network namespace.
 */
export async function countConnections(
  pids: readonly number[],
  listenerInodes: ReadonlySet<number>,
  tables: SocketTables = socketTables(),
): Promise<Map<number, number | null>> {
  const counts = new Map<number, number | null>();
  for (const pid of pids) {
    try {
      const held = await socketsOf(pid);
      const foreign = namespaceOf(pid) !== namespaceOf('self');
      const sockets = await tables(foreign ? pid : 'self');
      counts.set(pid, countIncoming(held, sockets, listenerInodes));
    } catch (error) {
      counts.set(pid, isGone(error) ? 0 : null);
    }
  }
  return counts;
}

/**
 * Connections that wait in the accept queue of each listener, by its inode. null when it cannot be
 * known: no such listener in this network namespace, or another one with the same path.
 */
export async function queuedOn(
  inodes: Iterable<number>,
  tables: SocketTables = socketTables(),
): Promise<Map<number, number | null>> {
  const { listeners, unix } = await tables('self').catch(() => NOTHING);
  const queues = new Map<number, number | null>();
  for (const inode of inodes) {
    const row = listeners.find((one) => one.inode === inode);
    queues.set(inode, row ? row.rxQueue : queuedOnPath(unix, inode));
  }
  return queues;
}

/** The kernel names no listener in the row of a connection, only the path they share. */
function queuedOnPath(unix: readonly UnixRow[], inode: number): number | null {
  const path = unix.find((row) => row.listening && row.inode === inode)?.path;
  if (path === undefined) return null;
  const same = unix.filter((row) => row.path === path);
  if (same.filter((row) => row.listening).length > 1) return null;
  return same.filter((row) => row.state === UNIX_STATE.connecting).length;
}

function countIncoming(
  held: ReadonlySet<number>,
  sockets: Sockets,
  listenerInodes: ReadonlySet<number>,
): number | null {
  const { listeners, connections, unix } = sockets;
  const serves = (inode: number) => held.has(inode) || listenerInodes.has(inode);
  const ports = new Set<number>();
  const paths = new Set<string>();
  const hidden = new Set(listenerInodes);
  for (const { inode, port } of listeners) {
    if (!serves(inode)) continue;
    ports.add(port);
    hidden.delete(inode);
  }
  for (const { inode, listening, path } of unix) {
    if (!listening || !serves(inode)) continue;
    paths.add(path);
    hidden.delete(inode);
  }
  if (hidden.size > 0 && holdsUnknown(held, sockets, listenerInodes)) return null;
  // A set, as the kernel may give a row twice when sockets come and go between two reads.
  const incoming = new Set<number>();
  for (let i = 0; i < connections.length; i += 2) {
    const inode = connections[i] as number;
    if (held.has(inode) && ports.has(connections[i + 1] as number)) incoming.add(inode);
  }
  for (const { inode, state, path } of unix) {
    if (state !== UNIX_STATE.connected || !held.has(inode)) continue;
    if (paths.has(path)) incoming.add(inode);
  }
  return incoming.size;
}

/**
 * A socket belongs to the namespace where its listener was made, not to that of its process: with
 * PrivateNetwork= and a socket from systemd all connections are out of sight, and 0 would be a lie.
 */
function holdsUnknown(
  held: ReadonlySet<number>,
  { listeners, connections, unix }: Sockets,
  listenerInodes: ReadonlySet<number>,
): boolean {
  const known = new Set(listenerInodes);
  for (const { inode } of listeners) known.add(inode);
  for (let i = 0; i < connections.length; i += 2) known.add(connections[i] as number);
  for (const { inode } of unix) known.add(inode);
  return [...held].some((inode) => !known.has(inode));
}

/** Inodes of the sockets among the descriptors of a process. */
async function socketsOf(pid: number): Promise<Set<number>> {
  const directory = `/proc/${pid}/fd/`;
  const inodes = new Set<number>();
  let done = 0;
  for (const fd of await readdir(directory)) {
    const target = readLink(directory + fd);
    if (target?.startsWith('socket:[')) inodes.add(Number(target.slice('socket:['.length, -1)));
    done += 1;
    if (done % LINKS_A_TURN === 0) await turn();
  }
  return inodes;
}

/** null when the descriptor was closed in the meantime. */
function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function namespaceOf(pid: number | 'self'): string {
  return readlinkSync(`/proc/${pid}/ns/net`);
}

async function readSockets(pid: number | 'self'): Promise<Sockets> {
  const listeners: TcpRow[] = [];
  const connections: number[] = [];
  const unix: UnixRow[] = [];
  // Most rows of a busy machine are connections that are over (TIME_WAIT).
  const counted = new Set(Object.values(TCP_STATE));
  for (const name of ['tcp', 'tcp6']) {
    await readLines(`/proc/${pid}/net/${name}`, (text) => {
      for (const row of parseTcp(text, counted)) {
        if (row.state === TCP_STATE.listen) listeners.push(row);
        else connections.push(row.inode, row.port);
      }
    });
  }
  await readLines(`/proc/${pid}/net/unix`, (text) => {
    for (const row of parseUnix(text)) unix.push(row);
  });
  return { listeners, connections, unix };
}

/** Calls with some whole lines of a file at a time. A file that is not there, as tcp6 may be, is empty. */
async function readLines(path: string, visit: (text: string) => void): Promise<void> {
  const file = await open(path).catch((error: unknown) => {
    if (isGone(error)) return null;
    throw error;
  });
  if (!file) return;
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, kept, CHUNK - kept, null);
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
