// Parses the text of /proc/net/tcp, tcp6, udp, udp6 and unix, see proc_pid_net(5).

/** Socket states, from include/net/tcp_states.h of Linux. */
export const TCP_STATE = { established: 0x01, closeWait: 0x08, listen: 0x0a } as const;

/** Socket states, from include/uapi/linux/net.h. A connection that waits to be accepted is `connecting`. */
export const UNIX_STATE = { unconnected: 0x01, connecting: 0x02, connected: 0x03 } as const;

export interface TcpRow {
  /** The local address in its usual form: `127.0.0.1`, `::1`; IPv4 on an IPv6 socket as IPv4. */
  readonly host: string;
  readonly port: number;
  readonly state: number;
  /** Bytes that are not read yet; of a listener, connections that are not accepted yet. */
  readonly rxQueue: number;
  /** 0 until the connection is accepted, and after it was closed. */
  readonly inode: number;
}

export interface UnixRow {
  /** Empty for an unnamed socket; an abstract name begins with `@`. */
  readonly path: string;
  /** 1 stream, 2 datagram, 5 seqpacket. */
  readonly type: number;
  readonly state: number;
  readonly listening: boolean;
  /** 0 until the connection is accepted. */
  readonly inode: number;
}

/** `   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000  0 12345 …` */
const TCP_ROW =
  /^ *\d+: ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) \S+ ([\dA-F]{2}) [\dA-F]+:([\dA-F]+) \S+ \S+ +\d+ +\d+ (\d+)/gm;
/** `00000000c25e9559: 00000002 00000000 00010000 0001 01  6997 /run/app.sock` */
const UNIX_ROW = /^[\da-f]+: \S+ \S+ ([\dA-F]{8}) ([\dA-F]{4}) ([\dA-F]{2}) +(\d+)(?: ([^\n]*))?/gm;
/** __SO_ACCEPTCON, from include/uapi/linux/net.h. */
const ACCEPTS = 0x10000;

/**
 * The rows of /proc/net/tcp, tcp6, udp, udp6 and the like, any number of whole lines. Other lines are skipped, and
 * rows whose state is not in `wanted`.
 */
export function parseTcp(text: string, wanted?: ReadonlySet<number>): TcpRow[] {
  const rows: TcpRow[] = [];
  const hosts = new Map<string, string>();
  for (const [, hex = '', port = '', stateText = '', rxQueue = '', inode] of text.matchAll(
    TCP_ROW,
  )) {
    const state = fromHex(stateText);
    if (wanted && !wanted.has(state)) continue;
    const host = hosts.get(hex) ?? hostOf(hex);
    hosts.set(hex, host);
    rows.push({
      host,
      port: fromHex(port),
      state,
      rxQueue: fromHex(rxQueue),
      inode: Number(inode),
    });
  }
  return rows;
}

/** The rows of /proc/net/unix, any number of whole lines. Other lines are skipped. */
export function parseUnix(text: string): UnixRow[] {
  return Array.from(
    text.matchAll(UNIX_ROW),
    ([, flags = '', type = '', state = '', inode, path = '']) => ({
      path,
      type: fromHex(type),
      state: fromHex(state),
      listening: (fromHex(flags) & ACCEPTS) !== 0,
      inode: Number(inode),
    }),
  );
}

const fromHex = (text: string) => Number.parseInt(text, 16);

/** The kernel prints an address as 32-bit words in the byte order of the machine. */
function hostOf(hex: string): string {
  const words = Uint32Array.from({ length: hex.length / 8 }, (_, i) =>
    fromHex(hex.slice(i * 8, i * 8 + 8)),
  );
  const bytes = new Uint8Array(words.buffer);
  const last = bytes.subarray(-4).join('.');
  if (bytes.length === 4) return last;
  const view = new DataView(words.buffer);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16)).join(':');
  if (groups.startsWith('0:0:0:0:0:ffff:')) return last;
  // URL writes an address in its short form, RFC 5952.
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
