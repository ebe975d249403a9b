// The inode of a socket, by which /proc/net lists it: the link of its descriptor in /proc, see proc(5).
import { readlinkSync } from 'node:fs';

/** Null for a descriptor that is closed, is not a socket, or may not be looked at. */
export function socketInode(fd: number | string, pid: number | 'self' = 'self'): number | null {
  try {
    const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
    return link.startsWith('socket:[') ? Number(link.slice('socket:['.length, -1)) : null;
  } catch {
    return null;
  }
}
