// What the kernel lists about a descriptor of this process: /proc/self/net, all without touching it.
import { fstatSync, readFileSync, readlinkSync } from 'node:fs';

/** `unlisted`: a socket of another network namespace, of which nothing can be known (PrivateNetwork=). */
export type Kind = 'listener' | 'datagram' | 'other' | 'unlisted';

/** __SO_ACCEPTCON, include/uapi/linux/net.h. */
const ACCEPTS = 0x10000;
const TCP_LISTEN = '0A';
const DATAGRAM_TABLES = ['udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6'];

/** False for a number that is no open descriptor. */
export function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

/** Reads the tables once, on the first socket asked for. */
export function createSocketTable(): (fd: number) => Kind {
  let kinds: Map<string, Kind> | null = null;
  return (fd) => {
    const inode = inodeOf(fd);
    if (inode === null) return 'other';
    kinds ??= readTables();
    return kinds.get(inode) ?? 'unlisted';
  };
}

/** True for a socket that is listed as one of an internet protocol. */
export function isInternet(fd: number): boolean {
  const inode = inodeOf(fd);
  let found = false;
  for (const table of ['tcp', 'tcp6', ...DATAGRAM_TABLES]) {
    eachRow(table, (column) => {
      found ||= column[9] === inode;
    });
  }
  return inode !== null && found;
}

function inodeOf(fd: number): string | null {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? null;
  } catch {
    return null;
  }
}

function readTables(): Map<string, Kind> {
  const found = new Map<string, Kind>();
  for (const table of ['tcp', 'tcp6']) {
    eachRow(table, (column) => {
      found.set(column[9] ?? '', column[3] === TCP_LISTEN ? 'listener' : 'other');
    });
  }
  for (const table of DATAGRAM_TABLES) {
    eachRow(table, (column) => found.set(column[9] ?? '', 'datagram'));
  }
  eachRow('unix', (column) => {
    // `00000000c25e9559: 00000002 00000000 00010000 0001 01  6997 /run/app.sock`
    const accepts = (Number.parseInt(column[3] ?? '', 16) & ACCEPTS) !== 0;
    const stream = column[4] !== '0002';
    found.set(column[6] ?? '', accepts ? 'listener' : stream ? 'other' : 'datagram');
  });
  return found;
}

function eachRow(table: string, visit: (columns: readonly string[]) => void): void {
  let text = '';
  try {
    text = readFileSync(`/proc/self/net/${table}`, 'utf8');
  } catch {
    // No such protocol here, or no /proc: then nothing is listed.
  }
  for (const line of text.split('\n').slice(1)) visit(line.trim().split(/\s+/));
}
