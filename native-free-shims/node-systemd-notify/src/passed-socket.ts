// What kind of socket a descriptor of this process is, and its address, read from /proc without touching the socket.
import { readFileSync } from 'node:fs';
import { parseTcp, parseUnix, TCP_STATE } from './proc-net.js';

export type SocketAddress =
  | { readonly host: string; readonly port: number }
  /** Empty for a socket without a name; an abstract name begins with `@`. */
  | { readonly path: string };

export interface SocketInfo {
  /** A listening socket, a datagram socket (UDP or unix), or anything else. */
  readonly kind: 'listener' | 'datagram' | 'other';
  /** The local address of a socket; null for other files, and for a socket of another network namespace. */
  readonly address: SocketAddress | null;
}

const DATAGRAM_TABLES = ['udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6'];
const SOCK_DGRAM = 2;

/** The sockets of the network namespace of this process, by inode. */
export function readSockets(): Map<number, SocketInfo> {
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
