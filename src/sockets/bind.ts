// Binds the sockets of `--listen`; nothing accepts on them here.
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describeError, StartError } from '../errors.js';
import { claimPath, temporaryNameFor } from '../linux/unix-socket-path.js';
import type { NewSocket } from './held-socket.js';
import type { ListenAddress, ListenSpec, Owner } from './listen-spec.js';
import { bindPipe, bindPort } from './node-handles.js';
import { sparePathOf } from './spare-path.js';

type TcpAddress = Extract<ListenAddress, { kind: 'tcp' }>;

/** Errors of binding to `::` on a machine without IPv6. */
const NO_IPV6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'];

/** Throws StartError with the code of the system error: the address is in use, or binding it is not permitted. */
export async function bindGiven(spec: ListenSpec, name: string): Promise<NewSocket> {
  const { address, appAddress, backlog } = spec;
  const bound =
    address.kind === 'unix' ? await bindUnix(spec, address.path) : bindTcp(spec, address);
  return {
    ...{ name, origin: 'given', host: null, port: null, path: null, sparePath: null, inode: null },
    ...bound,
    ...{ appAddress, openedAs: null, isPrivate: false, storedAs: null, backlog },
  };
}

function bindTcp(spec: ListenSpec, { host, port, v6only }: TcpAddress) {
  try {
    return host === null ? bindEveryAddress(port) : bindPort(host, port, v6only);
  } catch (error) {
    throw cannotListen(spec, describeError(error), tcpHint(codeOf(error), port), error);
  }
}

/** Dual stack where the machine has IPv6, else IPv4, as Node itself does. */
function bindEveryAddress(port: number) {
  try {
    return bindPort('::', port, false);
  } catch (error) {
    if (!NO_IPV6.includes(codeOf(error))) throw error;
    return bindPort('0.0.0.0', port, false);
  }
}

async function bindUnix(spec: ListenSpec, path: string) {
  const temporary = temporaryNameFor(path);
  if (temporary === null) throw cannotListen(spec, 'the path is too long');
  const directory = dirname(path);
  // libuv reports EACCES for it (uv_pipe_bind), as if permissions were wrong.
  if (!existsSync(directory)) {
    const hint = 'create it first, or in a unit with RuntimeDirectory=';
    throw cannotListen(spec, `there is no ${directory}`, hint);
  }
  const sparePath = sparePathOf(path);
  try {
    const handle = bindPipe(temporary);
    if (spec.mode !== null) chmodSync(temporary, spec.mode);
    if (spec.owner) applyOwner(temporary, spec.owner);
    const claim = await claimPath(temporary, path);
    if (!claim.ok) {
      handle.close();
      throw cannotListen(spec, claim.why);
    }
    rmSync(sparePath, { force: true });
    linkSync(path, sparePath);
    return { fd: handle.fd, path, sparePath, inode: claim.inode, close: () => handle.close() };
  } catch (error) {
    removeQuietly(temporary);
    if (error instanceof StartError) throw error;
    const hint = `the directory ${directory} must be writable for this user`;
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

/**
 * Names are looked up in /etc/passwd and /etc/group, numbers are taken as they are. Throws StartError for an unknown
 * name, and the system error when the owner cannot be changed.
 */
function applyOwner(path: string, owner: Owner): void {
  const present = statSync(path);
  const uid = owner.user === null ? present.uid : idOf(owner.user, '/etc/passwd', 'user');
  const gid = owner.group === null ? present.gid : idOf(owner.group, '/etc/group', 'group');
  chownSync(path, uid, gid);
}

function idOf(name: string, file: string, kind: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const lines = readFileSync(file, 'utf8').split('\n');
  const fields = lines.map((line) => line.split(':')).find(([first]) => first === name);
  if (!fields?.[2]) throw new StartError(`there is no ${kind} ${name} (looked in ${file})`);
  return Number(fields[2]);
}
