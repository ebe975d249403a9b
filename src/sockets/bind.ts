// Binds a socket and does not accept on it: the only file that knows how to get such a thing from Node.
import { chmodSync, existsSync, linkSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { describeError, StartError } from '../errors.js';
import { claimPath, temporaryNameFor } from '../linux/unix-socket-path.js';
import { applyOwner } from './chown.js';
import type { HeldSocket } from './held-socket.js';
import type { ListenSpec } from './listen-spec.js';
import { spareOf } from './spare-path.js';

/** The few members of Node's own handle that are used. */
interface Handle {
  readonly fd: number;
  getsockname?(out: { address?: string; port?: number }): number;
  close(): void;
}

interface Bound {
  readonly fd: number;
  readonly host: string;
  readonly port: number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  addressType: number,
  fd?: number,
  flags?: number,
) => Handle | number;

interface BoundSocket {
  fd(): number;
  address(): { address: string; port: number } | string;
  close(): void;
}

type BoundSocketOptions = { path: string } | { host: string; port: number; ipv6Only: boolean };

/** `_createServerHandle` in every version; `BoundSocket`, its public heir, from 24.20 (Node's net documentation). */
const nodeNet = net as unknown as {
  readonly BoundSocket?: new (options: BoundSocketOptions) => BoundSocket;
  readonly _createServerHandle: CreateServerHandle;
};

const UV_TCP_IPV6ONLY = 1;
/** What binding to `::` gives on a machine without IPv6. */
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'];
/** Held for the life of the master: a handle that is collected or closed would take its descriptor along. */
const neverCollected: unknown[] = [];

/** Binds what `--listen` names. Throws StartError: the port or path is taken, or may not be had. */
export async function bindGiven(spec: ListenSpec, id: number, name: string): Promise<HeldSocket> {
  const common = {
    id,
    name,
    origin: 'given',
    for: spec.for,
    asked: null,
    listens: true,
    backlog: spec.backlog,
  } as const;
  if (spec.address.kind === 'unix')
    return { ...common, ...(await bindUnix(spec, spec.address.path)) };
  const { fd, host, port, close } = bindTcp(spec, spec.address);
  return { ...common, fd, host, port, path: null, spare: null, inode: null, close };
}

function bindTcp(
  spec: ListenSpec,
  address: { host: string | null; port: number; v6only: boolean },
): Bound {
  // Without an address: dual stack where the machine has IPv6, else IPv4, as Node itself does.
  const hosts = address.host === null ? ['::', '0.0.0.0'] : [address.host];
  let problem: unknown;
  for (const host of hosts) {
    try {
      return bindHost(host, address.port, address.v6only);
    } catch (error) {
      problem = error;
      if (!NO_IPV6.includes((error as NodeJS.ErrnoException).code ?? '')) break;
    }
  }
  throw tcpError(spec, address.port, problem);
}

function bindHost(host: string, port: number, ipv6Only: boolean): Bound {
  if (nodeNet.BoundSocket) {
    const socket = new nodeNet.BoundSocket({ host, port, ipv6Only });
    neverCollected.push(socket);
    const bound = socket.address() as { address: string; port: number };
    return { fd: socket.fd(), host: bound.address, port: bound.port, close: () => socket.close() };
  }
  const type = host.includes(':') ? 6 : 4;
  const handle = nodeNet._createServerHandle(host, port, type, -1, ipv6Only ? UV_TCP_IPV6ONLY : 0);
  if (typeof handle === 'number') throw systemError(handle);
  neverCollected.push(handle);
  // libuv puts EADDRINUSE off until somebody asks (uv_tcp_bind); unasked, a worker would listen elsewhere.
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

async function bindUnix(spec: ListenSpec, path: string) {
  const temporary = temporaryNameFor(path);
  if (temporary === null)
    throw new StartError(`cannot listen on ${spec.text}: the path is too long`);
  // libuv would call this EACCES (uv_pipe_bind), which sends people looking for permissions.
  if (!existsSync(dirname(path))) {
    const hint = 'create it first, or in a unit with RuntimeDirectory=';
    throw new StartError(`cannot listen on ${spec.text}: there is no ${dirname(path)}`, hint);
  }
  const spare = spareOf(path);
  try {
    const bound = bindPath(temporary);
    if (spec.mode !== null) chmodSync(temporary, spec.mode);
    if (spec.owner) applyOwner(temporary, spec.owner);
    const { ino } = statSync(temporary);
    const claim = await claimPath(temporary, path);
    if (!claim.ok) {
      bound.close();
      throw new StartError(`cannot listen on ${spec.text}: ${claim.why}`);
    }
    makeSpare(path, spare);
    return { fd: bound.fd, host: null, port: null, path, spare, inode: ino, close: bound.close };
  } catch (error) {
    unlinkQuietly(temporary);
    if (error instanceof StartError) throw error;
    throw new StartError(
      `cannot listen on ${spec.text}: ${describeError(error)}`,
      unixHint(error, path),
    );
  }
}

function unlinkQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What went wrong before is what the user has to know.
  }
}

function bindPath(path: string): { fd: number; close(): void } {
  if (nodeNet.BoundSocket && 'isPipe' in nodeNet.BoundSocket.prototype) {
    const socket = new nodeNet.BoundSocket({ path });
    neverCollected.push(socket);
    return { fd: socket.fd(), close: () => socket.close() };
  }
  const handle = nodeNet._createServerHandle(path, -1, -1);
  if (typeof handle === 'number') throw systemError(handle);
  neverCollected.push(handle);
  return { fd: handle.fd, close: () => handle.close() };
}

function makeSpare(path: string, spare: string): void {
  rmSync(spare, { force: true });
  linkSync(path, spare);
}

function systemError(errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(code), { code, errno });
}

function tcpError(spec: ListenSpec, port: number, error: unknown): StartError {
  const said = describeError(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  const hints: Record<string, string> = {
    EADDRINUSE: `\`ss -ltnp 'sport = :${port}'\` shows who has it`,
    EACCES:
      'ports below 1024 need the capability CAP_NET_BIND_SERVICE (AmbientCapabilities= in a unit), ' +
      'or let systemd open it in a socket unit',
    EADDRNOTAVAIL: '`ip addr` shows the addresses of this machine',
  };
  return new StartError(`cannot listen on ${spec.text}: ${said}`, hints[code]);
}

function unixHint(error: unknown, path: string): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES') return `the directory ${dirname(path)} must be writable for this user`;
  return undefined;
}
