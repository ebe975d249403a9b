// Which sockets the master holds from the start: those that were passed to it, and those that `--listen` names. Pure.
import type { NewSocket } from './held-socket.js';
import { DEFAULT_BACKLOG, type ListenSpec } from './listen-spec.js';

/** An address to bind, and the name that its socket gets. */
export interface SocketToBind {
  readonly spec: ListenSpec;
  readonly name: string;
}

export interface StartupPlan {
  /** In the order in which workers get them. */
  readonly sockets: readonly (NewSocket | SocketToBind)[];
  /** From the descriptor store: those of an earlier command line, and those whose address is to be bound. */
  readonly unwanted: readonly NewSocket[];
}

/**
 * A passed socket with the address of a `--listen` serves it: the same command runs with and without a socket unit, and
 * uses again what it left in the descriptor store.
 */
export function planSockets(
  specs: readonly ListenSpec[],
  passed: readonly NewSocket[],
): StartupPlan {
  const inherited = passed.filter((socket) => socket.storedAs === null);
  let stored = passed.filter((socket) => socket.storedAs !== null);
  const given: (NewSocket | SocketToBind)[] = [];
  for (const [i, spec] of specs.entries()) {
    const at = inherited.findIndex((socket) => isAt(socket, spec));
    const unit = inherited[at];
    if (unit) {
      inherited[at] = withOptions(unit, spec, unit.name);
      continue;
    }
    const name = `socket-${i + 1}`;
    const kept = stored.find((socket) => isAt(socket, spec) || isKeptPort(socket, spec, name));
    stored = stored.filter((other) => other !== kept);
    if (kept) given.push({ ...withOptions(kept, spec, name), origin: 'given' });
    else given.push({ spec, name: spec.name ?? name });
  }
  const isBoundAgain = ({ port }: NewSocket) =>
    given.some(
      (one) => 'spec' in one && 'port' in one.spec.address && one.spec.address.port === port,
    );
  const isWanted = (socket: NewSocket) => socket.origin === 'adopted' && !isBoundAgain(socket);
  return {
    sockets: [...inherited, ...given, ...stored.filter(isWanted)],
    unwanted: stored.filter((socket) => !isWanted(socket)),
  };
}

function withOptions(socket: NewSocket, spec: ListenSpec, defaultName: string): NewSocket {
  const { name, appAddress, backlog } = spec;
  return {
    ...socket,
    name: name ?? defaultName,
    appAddress,
    backlog: backlog === DEFAULT_BACKLOG ? socket.backlog : backlog,
  };
}

function isAt(socket: NewSocket, { address }: ListenSpec): boolean {
  if (address.kind === 'unix') return socket.path === address.path;
  if (socket.port !== address.port || address.port === 0) return false;
  // A socket unit that names a port alone listens on `::`, or on `0.0.0.0` where there is no IPv6.
  if (address.host === null) return socket.host === '::' || socket.host === '0.0.0.0';
  return socket.host === address.host;
}

/** True for `--listen :0` and the socket whose port the kernel chose for it at an earlier start. */
function isKeptPort(
  socket: NewSocket,
  { address, name }: ListenSpec,
  defaultName: string,
): boolean {
  const anyPort = address.kind === 'tcp' && address.port === 0;
  const hasName = socket.name === (name ?? defaultName);
  return anyPort && socket.port !== null && socket.origin === 'given' && hasName;
}
