// Who listens, by the tables of the kernel: a retired worker has stopped accepting when its descriptor is gone.
import { readFileSync, readlinkSync } from 'node:fs';
import { eventually } from '../eventually.js';
import { descriptorsOf } from '../supervisor.js';

/** Resolves when the process listens on nothing any more. */
export async function stoppedAccepting(pid: number): Promise<void> {
  await eventually(
    `process ${pid} has stopped accepting`,
    () => listensOn(pid),
    (found) => found.length === 0,
  );
}

/** Inodes of the sockets on which the process listens; none when it is gone. */
function listensOn(pid: number): string[] {
  const listeners = listeningInodes();
  return socketsOf(pid).filter((inode) => listeners.has(inode));
}

function socketsOf(pid: number): string[] {
  try {
    return descriptorsOf(pid).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode ? [inode] : [];
    });
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function listeningInodes(): Set<string> {
  const rows = (table: string) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/));
  // State 0A is LISTEN; flag 00010000 of unix sockets is __SO_ACCEPTCON, proc(5).
  const tcp = [...rows('tcp'), ...rows('tcp6')].filter((row) => row[3] === '0A');
  const unix = rows('unix').filter((row) => row[3] === '00010000');
  return new Set([...tcp.map((row) => row[9] ?? ''), ...unix.map((row) => row[6] ?? '')]);
}
