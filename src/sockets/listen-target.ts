// Which address a `listen()` of the app names, and which of the master's sockets has it. Pure; the preload uses it too.
import { resolve } from 'node:path';
import type { ListenTarget, SharedSocket } from '../ipc-protocol.js';

export type NamedTarget = ListenTarget | { readonly fd: number };

type Matchable = Pick<SharedSocket, 'fd' | 'host' | 'port' | 'path' | 'appAddress' | 'openedAs'> & {
  /** A server of this process listens on it already. */
  readonly used?: boolean;
};

/**
 * `options` as `net.Server.listen` normalizes its arguments. Null for what is not an address: a handle, another server,
 * or a value that Node will refuse.
 */
export function targetOf(options: unknown): NamedTarget | null {
  if (options === null || typeof options !== 'object') return null;
  const { _handle, handle, fd, port, path, host } = options as Record<string, unknown>;
  if (_handle || handle || isHandle(options)) return null;
  if (typeof fd === 'number' && Number.isInteger(fd) && fd >= 0) return { fd };
  if (typeof port === 'number' || typeof port === 'string') return tcpTarget(port, host);
  // A relative path names the same socket in the directory of each release.
  if (typeof path === 'string')
    return { path: path.startsWith('\0') ? path : resolve(path), written: path };
  // `listen()`, `listen(undefined)`, `listen(null)` and `listen(callback)` mean any port.
  const isAny = port === undefined || port === null || typeof port === 'function';
  return isAny ? tcpTarget(0, host) : null;
}

function isHandle(options: object): boolean {
  return /^(TCP|Pipe|BoundSocket)$/.test(options.constructor?.name ?? '');
}

function tcpTarget(port: number | string, host: unknown): ListenTarget | null {
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65535) return null;
  return { port: number, host: typeof host === 'string' && host !== '' ? host : null };
}

/** The free socket that `target` names, or undefined. */
export function findSocket<T extends Matchable>(
  sockets: readonly T[],
  target: NamedTarget,
): T | undefined {
  const free = sockets.filter((socket) => !socket.used);
  if ('fd' in target) return free.find((socket) => socket.fd === target.fd);
  return 'path' in target ? findByPath(free, target) : findByPort(free, target);
}

function findByPath<T extends Matchable>(
  sockets: readonly T[],
  { path, written }: Extract<ListenTarget, { path: string }>,
): T | undefined {
  return (
    sockets.find(({ appAddress: at }) => at && 'path' in at && [path, written].includes(at.path)) ??
    sockets.find((socket) => !socket.appAddress && socket.path === path) ??
    sockets.find(({ openedAs: by }) => by && 'path' in by && by.written === written)
  );
}

function findByPort<T extends Matchable>(
  sockets: readonly T[],
  { port, host, nth }: Extract<ListenTarget, { port: number }>,
): T | undefined {
  const named = sockets.filter(({ appAddress: at }) => at && 'port' in at && at.port === port);
  if (named.length > 0) return sameHostFirst(named, host);
  const tcp = sockets.filter((socket) => !socket.appAddress && socket.port !== null);
  // An adopted socket serves the very call that opened it; the app may have another one on that port.
  const adopted = tcp.find(
    ({ openedAs: by }) =>
      by && 'port' in by && by.port === port && by.host === host && by.nth === nth,
  );
  if (adopted || port === 0) return adopted;
  const bound = tcp.filter((socket) => socket.port === port);
  return sameHostFirst(
    bound.filter(({ openedAs: by }) => !by || ('port' in by && by.port === 0)),
    host,
  );
}

function sameHostFirst<T extends Matchable>(
  sockets: readonly T[],
  host: string | null,
): T | undefined {
  return sockets.find((socket) => socket.host === host) ?? sockets[0];
}
