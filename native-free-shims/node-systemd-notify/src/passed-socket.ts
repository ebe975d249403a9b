// What kind of socket a descriptor of this process is, and its address, read from /proc without touching the socket.
import { fstatSync, readFileSync } from 'node:fs';
import { parseTcp, parseUnix, TCP_STATE } from './proc-net.js';
import { socketInode } from './socket-inode.js';

export type SocketAddress =
  | { readonly host: string; readonly port: number }
  /** Empty for a socket without a name; an abstract name begins with `@`. */
  | { readonly path: string };

export interface SocketInfo {
  /** `unlisted`: a socket of another network namespace (PrivateNetwork=), about which nothing can be known. */
  readonly kind: 'listener' | 'datagram' | 'other' | 'unlisted';
  readonly address: SocketAddress | null;
}

const DATAGRAM_TABLES = ['udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6'];
const SOCK_DGRAM = 2;

/** False if no descriptor of this process has the number `fd`. */
export function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

/** Returns a function that describes a descriptor. It reads the tables once, for the first socket. */
export function createSocketTable(): (fd: number) => SocketInfo {
  let sockets: Map<number, SocketInfo> | null = null;
  return (fd) => {
    const inode = socketInode(fd);
    if (inode === null) return { kind: 'other', address: null };
    sockets ??= readTables();
    return sockets.get(inode) ?? { kind: 'unlisted', address: null };
  };
}

function readTables(): Map<number, SocketInfo> {
  const found = new Map<number, SocketInfo>();
  for (const table of ['tcp', 'tcp6', ...DATAGRAM_TABLES]) {
    const isTcp = table.startsWith('tcp');
    for (const { inode, state, host, port } of parseTcp(read(table))) {
      const listens = isTcp && state === TCP_STATE.listen;
      const kind = listens ? 'listener' : isTcp ? 'other' : 'datagram';
      found.set(inode, { kind, address: { host, port } });
    }
  }
  for (const { inode, listening, type, path } of parseUnix(read('unix'))) {
    const kind = listening ? 'listener' : type === SOCK_DGRAM ? 'datagram' : 'other';
    found.set(inode, { kind, address: { path } });
  }
  return found;
}

/** Empty when the kernel has no such protocol, or there is no /proc. */
function read(table: string): string {
  try {
    return readFileSync(`/proc/self/net/${table}`, 'utf8');
  } catch {
    return '';
  }
}
