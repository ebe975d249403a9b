// Sockets that are bound and do not accept: the only file of the master that uses what Node does not document.
// Seen in Node 20, 22, 24 and 26.
import net from 'node:net';
import { getSystemErrorName } from 'node:util';

/** The members of libuv's handle (TCP and Pipe in Node's lib/net.js) that are used. */
interface Handle {
  readonly fd: number;
  getsockname?(out: { address?: string; port?: number }): number;
  close(): void;
}

/** A handle that can be sent over an IPC channel; nothing polls it. */
export type SocketHandle = Pick<Handle, 'fd' | 'close'>;

/** `close` owns the socket: Node closes the descriptor of a handle that is collected. */
interface BoundPipe {
  readonly fd: number;
  close(): void;
}

interface BoundPort extends BoundPipe {
  readonly host: string;
  readonly port: number;
}

interface BoundSocket {
  fd(): number;
  address(): { address: string; port: number };
  close(): void;
}

type BoundSocketOptions = { path: string } | { host: string; port: number; ipv6Only: boolean };

/** `BoundSocket` is public and exists from 24.20 (Node's documentation of net); `_createServerHandle` in every version. */
const nodeNet = net as unknown as {
  readonly BoundSocket?: new (options: BoundSocketOptions) => BoundSocket;
  readonly _createServerHandle: (
    address: string | null,
    port: number | null,
    addressType: number | null,
    fd?: number,
    flags?: number,
  ) => Handle | number;
};

const UV_TCP_IPV6ONLY = 1;

/** Throws a system error with `code`, EADDRINUSE for example. */
export function bindPort(host: string, port: number, ipv6Only: boolean): BoundPort {
  if (nodeNet.BoundSocket) {
    const socket = new nodeNet.BoundSocket({ host, port, ipv6Only });
    const bound = socket.address();
    return { fd: socket.fd(), host: bound.address, port: bound.port, close: () => socket.close() };
  }
  const handle = create(host, port, host.includes(':') ? 6 : 4, -1, ipv6Only ? UV_TCP_IPV6ONLY : 0);
  // libuv reports EADDRINUSE only here (uv_tcp_bind delays it); without the check a worker would get another port.
  const out: { address?: string; port?: number } = {};
  const status = handle.getsockname?.(out) ?? 0;
  if (status !== 0) {
    handle.close();
    throw systemError(status);
  }
  return {
    fd: handle.fd,
    host: out.address ?? host,
    port: out.port ?? port,
    close: () => handle.close(),
  };
}

/** Binds a unix socket. Throws a system error with `code`. */
export function bindPipe(path: string): BoundPipe {
  if (nodeNet.BoundSocket && 'isPipe' in nodeNet.BoundSocket.prototype) {
    const socket = new nodeNet.BoundSocket({ path });
    return { fd: socket.fd(), close: () => socket.close() };
  }
  const handle = create(path, -1, -1);
  return { fd: handle.fd, close: () => handle.close() };
}

/** Never collected: that would close the descriptor, which belongs to the held socket. */
const wrapped: SocketHandle[] = [];

/** A handle with which the socket at `fd` can be sent to a worker. It lives as long as the process; wrap each `fd` once. */
export function wrapDescriptor(fd: number): SocketHandle {
  const handle = create(null, null, null, fd);
  wrapped.push(handle);
  return handle;
}

function create(...args: Parameters<typeof nodeNet._createServerHandle>): Handle {
  const handle = nodeNet._createServerHandle(...args);
  if (typeof handle === 'number') throw systemError(handle);
  return handle;
}

function systemError(errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(code), { code, errno });
}
