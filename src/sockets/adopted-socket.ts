// A socket that a worker opened, as the master keeps it.
import { basename } from 'node:path';
import type { BoundAddress, ListenTarget } from '../ipc-protocol.js';
import type { NewSocket } from './held-socket.js';
import { DEFAULT_BACKLOG } from './listen-spec.js';
import type { SocketHandle } from './node-handles.js';
import { inodeOf } from './socket-files.js';

export function adoptedSocket(
  openedAs: ListenTarget,
  address: BoundAddress,
  handle: SocketHandle,
): NewSocket {
  const where = { host: null, port: null, path: null, ...address };
  return {
    name: nameOf(where),
    origin: 'adopted',
    fd: handle.fd,
    ...where,
    sparePath: 'path' in openedAs ? (openedAs.sparePath ?? null) : null,
    inode: where.path === null ? null : inodeOf(where.path),
    appAddress: null,
    openedAs,
    isPrivate: isPrivate(openedAs),
    storedAs: null,
    backlog: DEFAULT_BACKLOG,
    close: () => handle.close(),
  };
}

function isPrivate(openedAs: ListenTarget): boolean {
  if ('port' in openedAs) return openedAs.port === 0;
  return openedAs.pid !== undefined && openedAs.path.includes(String(openedAs.pid));
}

/** Its port or file name; a ':' would end the name in LISTEN_FDNAMES. */
function nameOf({ port, path }: { port: number | null; path: string | null }): string {
  const name = String(port ?? basename(path ?? 'unknown'));
  return name.replace(/[^!-9;-~]/g, '-').slice(0, 255);
}
