// A listening socket that the master holds for its whole life, and where it came from.

import { FIRST_FD, type Target, type WireSocket } from '../ipc-protocol.js';
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
  readonly spare: string | null;
  /** Of the file at `path`, if it is ours to remove. */
  readonly inode: number | null;
  readonly for: { readonly port: number } | { readonly path: string } | null;
  readonly asked: Target | null;
  /** False for descriptors that are passed on but accept nothing. */
  readonly listens: boolean;
  readonly backlog: number;
  /** Closes the master's descriptor; none for inherited ones, which the system closes with us. */
  readonly close: (() => void) | null;
}

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`, as `--listen` takes it. */
export function describeSocket(socket: {
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
}): string {
  if (socket.path !== null) return `unix:${socket.path.replace(/^\0/, '@')}`;
  if (socket.port === null) return 'a socket without an address';
  const { host, port } = socket;
  if (host === null || host === '::') return `:${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As the preload sees it; `position` counts from 0 in the order in which they are passed. */
export function toWire(socket: HeldSocket, position: number): WireSocket {
  const { id, host, port, path, spare, for: appsName, asked } = socket;
  const backlog = socket.backlog === DEFAULT_BACKLOG ? null : socket.backlog;
  return { id, fd: FIRST_FD + position, host, port, path, spare, backlog, for: appsName, asked };
}
