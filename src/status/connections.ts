// Counts the connections that processes hold, and those that wait to be accepted, from /proc alone: no
// word from the workers. It must not hold up the master's loop. Each system call here is a matter of
// microseconds, so they are made on the spot with a turn of the loop after every few: for 10,000
// connections that costs half of what the thread pool does, and delays nobody by more than 2 ms.
import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import {
  parseTcp,
  parseUnix,
  TCP_STATE,
  type TcpRow,
  UNIX_STATE,
  type UnixRow,
} from './proc-net.js';

const LINKS_A_TURN = 256;
// The kernel gives a page, 27 rows, for each read of these files.
const READS_A_TURN = 16;
const CHUNK = 65536;

/** The sockets of one network namespace, as far as they matter here. */
interface Sockets {
  readonly tcp: readonly TcpRow[];
  readonly unix: readonly UnixRow[];
  /** Of all these rows. */
  readonly inodes: ReadonlySet<number>;
}

const NOTHING: Sockets = { tcp: [], unix: [], inodes: new Set() };

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
): Promise<Map<number, number | null>> {
  const counts = new Map<number, number | null>();
  let ours: Sockets | null = null;
  for (const pid of pids) {
    try {
      const held = await socketsOf(pid);
      const foreign = namespaceOf(pid) !== namespaceOf('self');
      const sockets: Sockets = foreign
        ? await readSockets(pid)
        : (ours ?? (await readSockets('self')));
      if (!foreign) ours = sockets;
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
export async function queuedOn(inodes: Iterable<number>): Promise<Map<number, number | null>> {
  const { tcp, unix } = await readSockets('self').catch(() => NOTHING);
  const queues = new Map<number, number | null>();
  for (const inode of inodes) {
    const row = tcp.find((one) => one.inode === inode && one.state === TCP_STATE.listen);
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
  const serves = (inode: number) => held.has(inode) || listenerInodes.has(inode);
  const ports = new Set<number>();
  const paths = new Set<string>();
  for (const { inode, state, port } of sockets.tcp) {
    if (state === TCP_STATE.listen && serves(inode)) ports.add(port);
  }
  for (const { inode, listening, path } of sockets.unix) {
    if (listening && serves(inode)) paths.add(path);
  }
  // A socket lives in the namespace where its listener was made, not in that of its process: with
  // PrivateNetwork= and a socket from systemd all of them are out of sight, and 0 would be a lie.
  const hidden = (inode: number) => !sockets.inodes.has(inode);
  const strange = (inode: number) => hidden(inode) && !listenerInodes.has(inode);
  if ([...listenerInodes].some(hidden) && [...held].some(strange)) return null;
  const tcp = sockets.tcp.filter(
    (row) => row.state !== TCP_STATE.listen && held.has(row.inode) && ports.has(row.port),
  );
  const unix = sockets.unix.filter(
    (row) => row.state === UNIX_STATE.connected && held.has(row.inode) && paths.has(row.path),
  );
  return tcp.length + unix.length;
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
  const tcp: TcpRow[] = [];
  const unix: UnixRow[] = [];
  const counted: readonly number[] = Object.values(TCP_STATE);
  for (const name of ['tcp', 'tcp6']) {
    await readLines(`/proc/${pid}/net/${name}`, (text) => {
      for (const row of parseTcp(text)) if (counted.includes(row.state)) tcp.push(row);
    });
  }
  await readLines(`/proc/${pid}/net/unix`, (text) => {
    for (const row of parseUnix(text)) unix.push(row);
  });
  return { tcp, unix, inodes: new Set([...tcp, ...unix].map((row) => row.inode)) };
}

/** Calls with some whole lines of a file at a time. A file that is not there, as tcp6 may be, is empty. */
async function readLines(path: string, visit: (text: string) => void): Promise<void> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    for (let reads = 1; ; reads += 1) {
      const length = readSync(file, buffer, kept, CHUNK - kept, null);
      if (length === 0) return;
      const end = kept + length;
      const whole = buffer.lastIndexOf('\n', end - 1) + 1;
      visit(buffer.toString('utf8', 0, whole));
      buffer.copyWithin(0, whole, end);
      kept = end - whole;
      if (reads % READS_A_TURN === 0) await turn();
    }
  } finally {
    closeSync(file);
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH';
}
