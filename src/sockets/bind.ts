// Binds the sockets of `--listen`; nothing accepts on them here.
import { chmodSync, existsSync, linkSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, StartError } from '../errors.js';
import { claimPath, temporaryNameFor } from '../linux/unix-socket-path.js';
import { applyOwner } from './chown.js';
import type { HeldSocket } from './held-socket.js';
import type { ListenAddress, ListenSpec } from './listen-spec.js';
import { bindPipe, bindPort } from './node-handles.js';
import { sparePathOf } from './spare-path.js';

type TcpAddress = Extract<ListenAddress, { kind: 'tcp' }>;

/** Errors of binding to `::` on a machine without IPv6. */
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'];

/** Throws StartError with the code of the system error: the address is in use, or binding it is not permitted. */
export async function bindGiven(spec: ListenSpec, id: number, name: string): Promise<HeldSocket> {
  const { address, appAddress, backlog } = spec;
  const common = { id, name, origin: 'given', appAddress, openedAs: null, backlog } as const;
  if (address.kind === 'unix') return { ...common, ...(await bindUnix(spec, address.path)) };
  return { ...common, ...bindTcp(spec, address), path: null, sparePath: null, inode: null };
}

function bindTcp(spec: ListenSpec, { host, port, v6only }: TcpAddress) {
  // Without an address: dual stack where the machine has IPv6, else IPv4, as Node itself does.
  const [first, second] = host === null ? ['::', '0.0.0.0'] : [host];
  try {
    try {
      return bindPort(first, port, v6only);
    } catch (error) {
      if (second === undefined || !NO_IPV6.includes(codeOf(error))) throw error;
      return bindPort(second, port, v6only);
    }
  } catch (error) {
    throw cannotListen(spec, describeError(error), tcpHint(codeOf(error), port), error);
  }
}

async function bindUnix(spec: ListenSpec, path: string) {
  const temporary = temporaryNameFor(path);
  if (temporary === null) throw cannotListen(spec, 'the path is too long');
  // libuv reports EACCES for it (uv_pipe_bind), as if permissions were wrong.
  if (!existsSync(dirname(path))) {
    const hint = 'create it first, or in a unit with RuntimeDirectory=';
    throw cannotListen(spec, `there is no ${dirname(path)}`, hint);
  }
  const sparePath = sparePathOf(path);
  try {
    const { fd, close } = bindPipe(temporary);
    if (spec.mode !== null) chmodSync(temporary, spec.mode);
    if (spec.owner) applyOwner(temporary, spec.owner);
    const { ino } = statSync(temporary);
    const claim = await claimPath(temporary, path);
    if (!claim.ok) {
      close();
      throw cannotListen(spec, claim.why);
    }
    rmSync(sparePath, { force: true });
    linkSync(path, sparePath);
    return { fd, host: null, port: null, path, sparePath, inode: ino, close };
  } catch (error) {
    removeQuietly(temporary);
    if (error instanceof StartError) throw error;
    const hint = `the directory ${dirname(path)} must be writable for this user`;
    const isDenied = codeOf(error) === 'EACCES';
    throw cannotListen(spec, describeError(error), isDenied ? hint : undefined, error);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The error that came before is the one to report.
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

function cannotListen(
  { text }: ListenSpec,
  problem: string,
  hint?: string,
  cause?: unknown,
): StartError {
  return new StartError(`cannot listen on ${text}: ${problem}`, hint, { cause });
}

function tcpHint(code: string, port: number): string | undefined {
  const hints: Record<string, string> = {
    EADDRINUSE: `\`ss -ltnp 'sport = :${port}'\` shows which process has it`,
    EACCES:
      'ports below 1024 need the capability CAP_NET_BIND_SERVICE (AmbientCapabilities= in a unit), ' +
      'or let systemd open it in a socket unit',
    EADDRNOTAVAIL: '`ip addr` shows the addresses of this machine',
  };
  return hints[code];
}
