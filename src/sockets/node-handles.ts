// Sockets that are bound and do not accept: the only file of the master that uses what Node does not document. Seen in
// Node 20, 22, 24 and 26. The public `net.BoundSocket` of Node 24.20 can bind, but not wrap a descriptor.
import net from 'node:net';
import { getSystemErrorName } from 'node:util';

/** It can be sent over an IPC channel; nothing polls it. Node closes the descriptor of a handle that is collected. */
export interface SocketHandle {
  readonly fd: number;
  close(): void;
}

interface BoundPort extends SocketHandle {
  readonly host: string;
  readonly port: number;
}

/** The members of libuv's handle (TCP in Node's lib/net.js) that are used. */
interface Handle extends SocketHandle {
  getsockname(out: { address?: string; port?: number }): number;
}

const { _createServerHandle } = net as unknown as {
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
  const handle = create(host, port, host.includes(':') ? 6 : 4, -1, ipv6Only ? UV_TCP_IPV6ONLY : 0);
  // libuv reports EADDRINUSE only here (uv_tcp_bind delays it); without the check a worker would get another port.
  const bound: { address?: string; port?: number } = {};
  const status = handle.getsockname(bound);
  if (status !== 0) {
    handle.close();
    throw systemError(status);
  }
  return {
    fd: handle.fd,
    host: bound.address ?? host,
    port: bound.port ?? port,
    close: () => handle.close(),
  };
}

/** Binds a unix socket. Throws a system error with `code`. */
export function bindPipe(path: string): SocketHandle {
  return create(path, -1, -1);
}

/** Never collected: that would close the descriptor, which belongs to the held socket. */
const wrapped: SocketHandle[] = [];

/** A handle with which the socket at `fd` can be sent to a worker. It lives as long as the process; wrap each `fd` once. */
export function wrapDescriptor(fd: number): SocketHandle {
  const handle = create(null, null, null, fd);
  wrapped.push(handle);
  return handle;
}

function create(...args: Parameters<typeof _createServerHandle>): Handle {
  const handle = _createServerHandle(...args);
  if (typeof handle === 'number') throw systemError(handle);
  return handle;
}

function systemError(errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(code), { code, errno });
}
