// Which sockets the master holds from the start: those that it was passed, and those that `--listen` names.
import { bindGiven } from './bind.js';
import type { HeldSocket } from './held-socket.js';
import type { Inherited, StoredSocket } from './inherit.js';
import { DEFAULT_BACKLOG, type ListenSpec } from './listen-spec.js';

export interface Opened {
  readonly held: readonly HeldSocket[];
  /** Names under which the store holds sockets that are in use, by the id of the socket. */
  readonly storedAs: ReadonlyMap<number, string>;
  /** Of an earlier command line, and wanted no more. */
  readonly unwanted: readonly StoredSocket[];
}

/**
 * A `--listen` is served by a passed socket with the same address, if there is one: the same command runs with
 * and without a socket unit, and takes back what it left in the descriptor store. Throws StartError.
 */
export async function openSockets(
  specs: readonly ListenSpec[],
  { sockets, stored }: Inherited,
): Promise<Opened> {
  let inherited = [...sockets];
  let rest = [...stored];
  const given: { socket: HeldSocket; storedAs: string | null }[] = [];
  try {
    for (const [i, spec] of specs.entries()) {
      const passed = inherited.find((socket) => isAt(socket, spec));
      if (passed) {
        const named = { ...asGiven(passed, spec, passed.name), origin: passed.origin };
        inherited = inherited.map((socket) => (socket === passed ? named : socket));
        continue;
      }
      const name = spec.name ?? `socket-${i + 1}`;
      const kept = rest.find(({ socket }) => isAt(socket, spec) || isPort(socket, spec, name));
      rest = rest.filter((one) => one !== kept);
      given.push(
        kept
          ? { socket: asGiven(kept.socket, spec, name), storedAs: kept.storedAs }
          : { socket: await bindGiven(spec, 0, name), storedAs: null },
      );
    }
  } catch (error) {
    for (const { socket, storedAs } of given) if (storedAs === null) socket.close?.();
    throw error;
  }
  const adopted = rest.filter(({ socket }) => socket.origin === 'adopted');
  const all = [
    ...inherited.map((socket) => ({ socket, storedAs: null })),
    ...given,
    ...adopted,
  ].map(({ socket, storedAs }, i) => ({ socket: { ...socket, id: i + 1 }, storedAs }));
  return {
    held: all.map(({ socket }) => socket),
    storedAs: new Map(
      all.flatMap(({ socket, storedAs }) => (storedAs === null ? [] : [[socket.id, storedAs]])),
    ),
    unwanted: rest.filter(({ socket }) => socket.origin !== 'adopted'),
  };
}

function asGiven(socket: HeldSocket, spec: ListenSpec, name: string): HeldSocket {
  const backlog = spec.backlog === DEFAULT_BACKLOG ? socket.backlog : spec.backlog;
  return { ...socket, origin: 'given', name: spec.name ?? name, for: spec.for, backlog };
}

function isAt(socket: HeldSocket, { address }: ListenSpec): boolean {
  if (address.kind === 'unix') return socket.path === address.path;
  if (socket.port !== address.port || address.port === 0) return false;
  // A socket unit that names a port alone listens on `::`, or on `0.0.0.0` where there is no IPv6.
  if (address.host === null) return socket.host === '::' || socket.host === '0.0.0.0';
  return socket.host === address.host;
}

/** `--listen :0`, whose port was chosen at an earlier start. */
function isPort(socket: HeldSocket, { address }: ListenSpec, name: string): boolean {
  const anyPort = address.kind === 'tcp' && address.port === 0;
  return anyPort && socket.port !== null && socket.origin === 'given' && socket.name === name;
}
