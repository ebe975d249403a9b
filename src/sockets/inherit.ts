// Sockets that the service manager passed to the master: LISTEN_FDS and its companions, sd_listen_fds(3).
import { readFileSync, readlinkSync } from 'node:fs';
import { parseTcp, parseUnix, TCP_STATE } from '../proc-net.js';
import { FIRST_FD } from '../wire.js';
import type { HeldSocket } from './held-socket.js';

export interface Inherited {
  readonly sockets: readonly HeldSocket[];
  /** What was there and is not used, as a line for the log. */
  readonly remarks: readonly string[];
}

/** Removed from the environment of workers and helpers: they are addressed to the master alone. */
export const INHERIT_VARIABLES = ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID'];

/** The descriptors stay what they are, raw numbers: Node closes the number of what it wraps. */
export function inherit(env: NodeJS.ProcessEnv, pid: number, firstId: number): Inherited {
  const none = (remark?: string) => ({ sockets: [], remarks: remark ? [remark] : [] });
  // LISTEN_PID alone is what a worker without sockets has, which may be a graceful-run itself.
  if (!env.LISTEN_FDS) return none();
  if (env.LISTEN_PID !== String(pid)) {
    return none(
      `ignoring LISTEN_FDS: it is meant for pid ${env.LISTEN_PID ?? '(none)'}, not for ${pid}`,
    );
  }
  // Five digits are more descriptors than a process has.
  if (!/^\d{1,5}$/.test(env.LISTEN_FDS ?? ''))
    return none(`ignoring LISTEN_FDS=${env.LISTEN_FDS ?? ''}: not a number of descriptors`);
  const count = Number(env.LISTEN_FDS);
  const names = env.LISTEN_FDNAMES === undefined ? null : env.LISTEN_FDNAMES.split(':');
  if (count > 0 && names && names.length !== count) {
    return none(
      `ignoring LISTEN_FDS: ${count} descriptors, but ${names.length} names in LISTEN_FDNAMES`,
    );
  }
  const listeners = readListeners();
  const all = Array.from({ length: count }, (_, i) =>
    classify(FIRST_FD + i, names?.[i] ?? 'unknown', firstId + i, listeners),
  );
  const sockets = all.filter((one) => one.listens);
  const remarks = all
    .filter((one) => !one.listens)
    .map(({ fd, name }) => `not passing on descriptor ${fd} (${name}): it is no listening socket`);
  return { sockets, remarks };
}

type Address = Pick<HeldSocket, 'host' | 'port' | 'path'>;

function classify(
  fd: number,
  name: string,
  id: number,
  listeners: ReadonlyMap<number, Address | null>,
): HeldSocket {
  const inode = socketInode(fd);
  const known = inode === null ? null : listeners.get(inode);
  return {
    id,
    name,
    origin: 'inherited',
    fd,
    ...(known ?? { host: null, port: null, path: null }),
    spare: null,
    // A path from the service manager is never ours to remove, systemd.socket(5).
    inode: null,
    for: null,
    asked: null,
    // One that the tables do not list belongs to another network namespace (PrivateNetwork=): the
    // worker will find out its address. One that they list as something else accepts nothing.
    listens: inode !== null && known !== null,
    backlog: 511,
    close: null,
  };
}

function socketInode(fd: number): number | null {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`));
    return match ? Number(match[1]) : null;
  } catch {
    return null;
  }
}

/** inode -> address of a listener; null for sockets that exist and do not listen. */
function readListeners(): Map<number, Address | null> {
  const found = new Map<number, Address | null>();
  for (const table of ['tcp', 'tcp6']) {
    for (const row of parseTcp(readTable(table))) {
      const listens = row.state === TCP_STATE.listen;
      found.set(row.inode, listens ? { host: row.host, port: row.port, path: null } : null);
    }
  }
  for (const row of parseUnix(readTable('unix'))) {
    found.set(row.inode, row.listening ? { host: null, port: null, path: row.path } : null);
  }
  for (const table of ['udp', 'udp6']) {
    for (const row of parseTcp(readTable(table))) found.set(row.inode, null);
  }
  return found;
}

function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'utf8');
  } catch {
    return '';
  }
}
