// Which sockets the master holds from the start: those that were passed to it, and those that `--listen` names.
import { setTimeout as wait } from 'node:timers/promises';
import { now } from 'node-systemd-notify/linux';
import { StartError } from '../errors.js';
import { bindGiven } from './bind.js';
import type { HeldSocket } from './held-socket.js';
import type { Inherited, StoredSocket } from './inherited-sockets.js';
import { DEFAULT_BACKLOG, type ListenSpec } from './listen-spec.js';
import { releasePaths } from './socket-files.js';

/** Time in which the service manager must close a socket whose address is bound again. */
const STORE_CLOSE_TIMEOUT_MS = 2000;
const RETRY_MS = 20;

/** A socket that was passed, or is still to be bound. */
interface PlannedSocket {
  readonly socket: HeldSocket | null;
  /** Its name in the descriptor store, if it came from there. */
  readonly storedAs: string | null;
  /** What to bind; null for a passed socket. */
  readonly spec: ListenSpec | null;
  readonly name: string;
}

export interface StartupPlan {
  /** In the order in which workers get them. */
  readonly planned: readonly PlannedSocket[];
  /** From the descriptor store: those of an earlier command line, and those whose address is to be bound. */
  readonly unwanted: readonly StoredSocket[];
}

export interface OpenedSockets {
  readonly held: readonly HeldSocket[];
  /** Names of the held sockets in the descriptor store, by the id of the socket. */
  readonly storedAs: ReadonlyMap<number, string>;
}

/**
 * A passed socket with the address of a `--listen` serves it: the same command runs with and without a socket unit, and
 * uses again what it left in the descriptor store. Pure.
 */
export function planSockets(
  specs: readonly ListenSpec[],
  { sockets, stored }: Inherited,
): StartupPlan {
  let inherited = sockets.map((socket) => passed(socket, null));
  let rest = stored;
  const given: PlannedSocket[] = [];
  for (const [i, spec] of specs.entries()) {
    const match = inherited.find(({ socket }) => socket && isAt(socket, spec))?.socket;
    if (match) {
      const named = passed({ ...asGiven(match, spec, match.name), origin: 'inherited' }, null);
      inherited = inherited.map((other) => (other.socket === match ? named : other));
      continue;
    }
    const name = spec.name ?? `socket-${i + 1}`;
    const kept = rest.find(({ socket }) => isAt(socket, spec) || isPort(socket, spec, name));
    rest = rest.filter((other) => other !== kept);
    if (kept) given.push(passed(asGiven(kept.socket, spec, name), kept.storedAs));
    else given.push({ socket: null, storedAs: null, spec, name });
  }
  const unwanted = rest.filter(({ socket }) => {
    const isBoundAgain = given.some(({ spec }) => spec && isPortOf(spec, socket.port));
    return socket.origin !== 'adopted' || isBoundAgain;
  });
  const adopted = rest
    .filter((socket) => !unwanted.includes(socket))
    .map(({ socket, storedAs }) => passed(socket, storedAs));
  return { planned: [...inherited, ...given, ...adopted], unwanted };
}

/** Binds the sockets of the plan that were not passed. Throws StartError; then none of them is bound. */
export async function openPlan({ planned, unwanted }: StartupPlan): Promise<OpenedSockets> {
  const timeoutMs = unwanted.length > 0 ? STORE_CLOSE_TIMEOUT_MS : 0;
  const bound: HeldSocket[] = [];
  const held: HeldSocket[] = [];
  const storedAs = new Map<number, string>();
  try {
    for (const [i, { socket, spec, name, storedAs: storeName }] of planned.entries()) {
      const id = i + 1;
      if (spec) bound.push(await bindWithin(timeoutMs, spec, id, name));
      const opened = socket ?? bound.at(-1);
      if (opened) held.push({ ...opened, id });
      if (storeName !== null) storedAs.set(id, storeName);
    }
    return { held, storedAs };
  } catch (error) {
    for (const socket of bound) {
      socket.close?.();
      releasePaths(socket, new Set());
    }
    throw error;
  }
}

/** Tries again for `timeoutMs` while the address is in use. */
async function bindWithin(timeoutMs: number, spec: ListenSpec, id: number, name: string) {
  for (const end = now() + timeoutMs; ; await wait(RETRY_MS)) {
    try {
      return await bindGiven(spec, id, name);
    } catch (error) {
      const isInUse = error instanceof StartError && error.code === 'EADDRINUSE';
      if (!isInUse || now() >= end) throw error;
    }
  }
}

function passed(socket: HeldSocket, storedAs: string | null): PlannedSocket {
  return { socket, storedAs, spec: null, name: socket.name };
}

function asGiven(socket: HeldSocket, spec: ListenSpec, name: string): HeldSocket {
  const backlog = spec.backlog === DEFAULT_BACKLOG ? socket.backlog : spec.backlog;
  return {
    ...socket,
    origin: 'given',
    name: spec.name ?? name,
    appAddress: spec.appAddress,
    backlog,
  };
}

function isAt(socket: HeldSocket, { address }: ListenSpec): boolean {
  if (address.kind === 'unix') return socket.path === address.path;
  if (socket.port !== address.port || address.port === 0) return false;
  // A socket unit that names a port alone listens on `::`, or on `0.0.0.0` where there is no IPv6.
  if (address.host === null) return socket.host === '::' || socket.host === '0.0.0.0';
  return socket.host === address.host;
}

/** True for `--listen :0` and the socket whose port the kernel chose for it at an earlier start. */
function isPort(socket: HeldSocket, { address }: ListenSpec, name: string): boolean {
  const anyPort = address.kind === 'tcp' && address.port === 0;
  return anyPort && socket.port !== null && socket.origin === 'given' && socket.name === name;
}

function isPortOf({ address }: ListenSpec, port: number | null): boolean {
  return address.kind === 'tcp' && port !== null && address.port === port;
}
