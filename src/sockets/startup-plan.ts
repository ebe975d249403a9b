// Which sockets the master holds from the start: those that it was passed, and those that `--listen` names.

import { setTimeout as wait } from 'node:timers/promises';
import { now } from '../linux/monotonic-clock.js';
import { bindGiven } from './bind.js';
import type { HeldSocket } from './held-socket.js';
import type { Inherited, StoredSocket } from './inherited-sockets.js';
import { DEFAULT_BACKLOG, type ListenSpec } from './listen-spec.js';
import { releasePaths } from './socket-files.js';

/** How long the service manager may take to let go of a socket whose address we want to bind anew. */
const LETTING_GO_MS = 2000;
const TRY_AGAIN_MS = 20;

/** A socket, passed or still to be bound. */
interface Place {
  readonly socket: HeldSocket | null;
  /** Its name in the store, if it came from there. */
  readonly storedAs: string | null;
  /** What is to be bound, where no passed socket serves. */
  readonly spec: ListenSpec | null;
  readonly name: string;
}

export interface Plan {
  /** In the order in which workers get them. */
  readonly places: readonly Place[];
  /** From the store, and wanted no more: of an earlier command line, or in the way of what is to be bound. */
  readonly unwanted: readonly StoredSocket[];
}

export interface Opened {
  readonly held: readonly HeldSocket[];
  /** Names under which the store holds sockets that are in use, by the id of the socket. */
  readonly storedAs: ReadonlyMap<number, string>;
}

/**
 * A `--listen` is served by a passed socket with the same address, if there is one: the same command runs with
 * and without a socket unit, and takes back what it left in the descriptor store. Pure.
 */
export function planSockets(specs: readonly ListenSpec[], { sockets, stored }: Inherited): Plan {
  let inherited = sockets.map((socket) => place(socket, null));
  let rest = stored;
  const given: Place[] = [];
  for (const [i, spec] of specs.entries()) {
    const passed = inherited.find(({ socket }) => socket && isAt(socket, spec))?.socket;
    if (passed) {
      const named = place({ ...asGiven(passed, spec, passed.name), origin: 'inherited' }, null);
      inherited = inherited.map((one) => (one.socket === passed ? named : one));
      continue;
    }
    const name = spec.name ?? `socket-${i + 1}`;
    const kept = rest.find(({ socket }) => isAt(socket, spec) || isPort(socket, spec, name));
    rest = rest.filter((one) => one !== kept);
    if (kept) given.push(place(asGiven(kept.socket, spec, name), kept.storedAs));
    else given.push({ socket: null, storedAs: null, spec, name });
  }
  const unwanted = rest.filter(({ socket }) => {
    const inTheWay = given.some(({ spec }) => spec && isPortOf(spec, socket.port));
    return socket.origin !== 'adopted' || inTheWay;
  });
  const adopted = rest.filter((one) => !unwanted.includes(one));
  const taken = adopted.map(({ socket, storedAs }) => place(socket, storedAs));
  return { places: [...inherited, ...given, ...taken], unwanted };
}

/** Binds what the plan leaves to bind. Throws StartError; then nothing of it is bound. */
export async function openPlan({ places, unwanted }: Plan): Promise<Opened> {
  const patience = unwanted.length > 0 ? LETTING_GO_MS : 0;
  const bound: HeldSocket[] = [];
  const held: HeldSocket[] = [];
  const storedAs = new Map<number, string>();
  try {
    for (const [i, one] of places.entries()) {
      const id = i + 1;
      if (one.spec) bound.push(await bindWithin(patience, one.spec, id, one.name));
      const socket = one.socket ?? bound.at(-1);
      if (socket) held.push({ ...socket, id });
      if (one.storedAs !== null) storedAs.set(id, one.storedAs);
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

async function bindWithin(patience: number, spec: ListenSpec, id: number, name: string) {
  for (const end = now() + patience; ; await wait(TRY_AGAIN_MS)) {
    try {
      return await bindGiven(spec, id, name);
    } catch (error) {
      const taken = /EADDRINUSE/.test((error as Error).message);
      if (!taken || now() >= end) throw error;
    }
  }
}

function place(socket: HeldSocket, storedAs: string | null): Place {
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

/** `--listen :0`, whose port was chosen at an earlier start. */
function isPort(socket: HeldSocket, { address }: ListenSpec, name: string): boolean {
  const anyPort = address.kind === 'tcp' && address.port === 0;
  return anyPort && socket.port !== null && socket.origin === 'given' && socket.name === name;
}

function isPortOf({ address }: ListenSpec, port: number | null): boolean {
  return address.kind === 'tcp' && port !== null && address.port === port;
}
