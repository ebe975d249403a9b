// Parses the text of /proc/net/tcp, tcp6, udp, udp6 and unix, see proc_pid_net(5). It is fast enough for tens of
// thousands of rows: columns have fixed widths, so that a field is found by its distance from the first colon.

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

const COLON = 58;
const SPACE = 32;
/** __SO_ACCEPTCON, from include/uapi/linux/net.h. */
const ACCEPTS = 0x10000;

/**
 * The rows of /proc/net/tcp, tcp6, udp, udp6 and the like, any number of whole lines. Other lines are skipped, and
 * rows whose state is not in `wanted`.
 */
export function parseTcp(text: string, wanted?: ReadonlySet<number>): TcpRow[] {
  const rows: TcpRow[] = [];
  const hosts = new Map<string, string>();
  eachLine(text, (start, end) => {
    // `   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000  0 12345 …`
    const local = start + 2;
    const width = text.charCodeAt(local + 8) === COLON ? 8 : 32;
    const stateAt = local + 2 * (width + 6);
    if (stateAt + 46 > end || text.charCodeAt(local + width) !== COLON) return;
    const state = hexAt(text, stateAt, 2);
    if (wanted && !wanted.has(state)) return;
    const hex = text.slice(local, local + width);
    let host = hosts.get(hex);
    if (host === undefined) {
      host = hostOf(hex);
      hosts.set(hex, host);
    }
    rows.push({
      host,
      port: hexAt(text, local + width + 1, 4),
      state,
      rxQueue: hexAt(text, stateAt + 12, 8),
      // After `tr:tm->when` and `retrnsmt`. The width of `uid` and `timeout` varies.
      inode: decimalAt(text, skipFields(text, stateAt + 42, 2)),
    });
  });
  return rows;
}

/** The rows of /proc/net/unix, any number of whole lines. Other lines are skipped. */
export function parseUnix(text: string): UnixRow[] {
  const rows: UnixRow[] = [];
  eachLine(text, (start, end) => {
    // `00000000c25e9559: 00000002 00000000 00010000 0001 01  6997 /run/app.sock`
    const flags = start + 20;
    const inode = skipFields(text, start + 37, 0);
    if (inode >= end || text.charCodeAt(flags - 1) !== SPACE) return;
    const path = skipDigits(text, inode) + 1;
    rows.push({
      path: path < end ? text.slice(path, end) : '',
      type: hexAt(text, start + 29, 4),
      state: hexAt(text, start + 34, 2),
      listening: (hexAt(text, flags, 8) & ACCEPTS) !== 0,
      inode: decimalAt(text, inode),
    });
  });
  return rows;
}

/** Calls `visit` for each line with a colon, with the positions of its first colon and its end. */
function eachLine(text: string, visit: (colon: number, end: number) => void): void {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const colon = text.indexOf(':', start);
    if (colon === -1) return;
    if (colon < end) visit(colon, end);
    start = end + 1;
  }
}

/** The kernel prints an address as 32-bit words in the byte order of the machine. */
function hostOf(hex: string): string {
  const words = Uint32Array.from({ length: hex.length / 8 }, (_, i) => hexAt(hex, i * 8, 8));
  const bytes = new Uint8Array(words.buffer);
  const last = bytes.subarray(-4).join('.');
  if (bytes.length === 4) return last;
  const view = new DataView(words.buffer);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16)).join(':');
  if (groups.startsWith('0:0:0:0:0:ffff:')) return last;
  // URL writes an address in its short form, RFC 5952.
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

function hexAt(text: string, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i += 1) {
    const code = text.charCodeAt(i);
    value = value * 16 + (code < COLON ? code - 48 : (code | 32) - 87);
  }
  return value;
}

function decimalAt(text: string, at: number): number {
  let value = 0;
  const end = skipDigits(text, at);
  for (let i = at; i < end; i += 1) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

function skipDigits(text: string, at: number): number {
  let i = at;
  while (text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57) i += 1;
  return i;
}

/** `at` is in white space. Gives the position of the field after `count` further fields. */
function skipFields(text: string, at: number, count: number): number {
  let i = at;
  for (let left = count; ; left -= 1) {
    while (text.charCodeAt(i) === SPACE) i += 1;
    if (left === 0) return i;
    while (i < text.length && text.charCodeAt(i) !== SPACE) i += 1;
  }
}
