// A socket that a worker opened, as the master keeps it.
import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import type { BoundAddress, ListenTarget } from '../ipc-protocol.js';
import type { HeldSocket } from './held-socket.js';
import type { SocketHandle } from './node-handles.js';

export function adoptedSocket(
  id: number,
  openedAs: ListenTarget,
  address: BoundAddress,
  handle: SocketHandle,
): HeldSocket {
  const path = 'path' in address ? address.path : null;
  const tcp = 'port' in address ? address : null;
  const where = { host: tcp?.host ?? null, port: tcp?.port ?? null, path };
  return {
    id,
    name: nameOf(where),
    origin: 'adopted',
    fd: handle.fd,
    ...where,
    sparePath: 'path' in openedAs ? (openedAs.sparePath ?? null) : null,
    inode: path === null ? null : inodeOf(path),
    appAddress: null,
    openedAs,
    backlog: 511,
    close: () => handle.close(),
  };
}

/** True if no client can know the address: port 0, or a path that contains the pid of the worker. */
export function isPrivate(openedAs: ListenTarget | null): boolean {
  if (openedAs === null) return false;
  if ('port' in openedAs) return openedAs.port === 0;
  return openedAs.pid !== undefined && openedAs.path.includes(String(openedAs.pid));
}

/** Its port or file name; a ':' would end the name in LISTEN_FDNAMES. */
function nameOf({ port, path }: { port: number | null; path: string | null }): string {
  const name = port === null ? basename(path ?? 'unknown') : String(port);
  return name.replace(/[^!-9;-~]/g, '-').slice(0, 255);
}

function inodeOf(path: string): number | null {
  try {
    return lstatSync(path).ino;
  } catch {
    return null;
  }
}
