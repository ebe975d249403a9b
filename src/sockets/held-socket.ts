// A socket that the master holds, and how it reads.
import { FIRST_FD, type ListenTarget, type SharedSocket } from '../ipc-protocol.js';
import { formatHostPort } from '../text/address.js';
import { DEFAULT_BACKLOG } from './listen-spec.js';

export interface HeldSocket {
  readonly id: number;
  /** For LISTEN_FDNAMES and status. */
  readonly name: string;
  /** given: `--listen`; inherited: `LISTEN_FDS`; adopted: opened by a worker. */
  readonly origin: 'given' | 'inherited' | 'adopted';
  readonly fd: number;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  /** Second name of the file of a unix socket (sparePathOf). */
  readonly sparePath: string | null;
  /** The inode of `path`; null if the file is not ours to remove. */
  readonly inode: number | null;
  /** The address that the app names for it, if that is another one (`?for=`). */
  readonly appAddress: { readonly port: number } | { readonly path: string } | null;
  /** The address that the app named when a worker opened it; null if no worker did. */
  readonly openedAs: ListenTarget | null;
  /** No client can know the address: port 0, or a path that contains the pid of the worker. */
  readonly isPrivate: boolean;
  /** The name under which systemd's descriptor store passed it to this master; null if it came from elsewhere. */
  readonly storedAs: string | null;
  readonly backlog: number;
  /** Closes the master's descriptor; null for an inherited one, which the kernel closes when the master exits. */
  readonly close: (() => void) | null;
}

/** A socket that the registry has not numbered yet. */
export type NewSocket = Omit<HeldSocket, 'id'>;

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`, as `--listen` takes it. */
export function describeSocket({
  host,
  port,
  path,
}: Pick<HeldSocket, 'host' | 'port' | 'path'>): string {
  if (path !== null) return `unix:${path.replace(/^\0/, '@')}`;
  if (port === null) return 'a socket without an address';
  return formatHostPort(host === '::' ? null : host, port);
}

/** What a worker gets to know; `position` counts from 0 in the order in which the sockets are passed. */
export function toSharedSocket(socket: HeldSocket, position: number): SharedSocket {
  const { id, host, port, path, sparePath, appAddress, openedAs } = socket;
  const backlog = socket.backlog === DEFAULT_BACKLOG ? null : socket.backlog;
  const fd = FIRST_FD + position;
  return { id, fd, host, port, path, sparePath, backlog, appAddress, openedAs };
}
