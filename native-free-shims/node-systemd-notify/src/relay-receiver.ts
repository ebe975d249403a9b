// Receives unix datagrams through a small program in perl or python3, one for all sockets. It is started
// when the first socket is wanted, and again when it dies; its sockets then come back at the same paths.
import { setImmediate as turn } from 'node:timers/promises';
import type { Binder } from './datagram-receiver.js';
import { findPrograms } from './find-program.js';
import { now } from './monotonic.js';
import {
  type Interpreter,
  type RelayEvents,
  type RelayProcess,
  startRelay,
} from './relay-process.js';

interface Socket {
  readonly path: string;
  readonly received: (datagram: Uint8Array) => void;
  /** Until it is bound for the first time. */
  waiting: { resolve(): void; reject(error: Error): void; limit: NodeJS.Timeout } | null;
}

/** Milliseconds for a socket to be bound. */
const BIND_LIMIT = 10_000;
/** Milliseconds before it is started again: none at first, then doubled up to the longest. */
const SHORTEST_WAIT = 50;
const LONGEST_WAIT = 5000;
/** One that lived that long, in milliseconds, did not die of what it was told. */
const HEALTHY = 10_000;
/** After so many deaths in a row those who still wait for a socket get none. */
const PATIENCE = 4;

export function relayBinder(
  languages: readonly Interpreter['transport'][],
  failed: (error: Error) => void,
  whyNotInside: string,
  scripts: string,
  bindLimit: number = BIND_LIMIT,
): Binder {
  const sockets = new Map<number, Socket>();
  let relay: RelayProcess | null = null;
  let starting: Promise<void> | null = null;
  let again: NodeJS.Timeout | null = null;
  let deaths = 0;
  let closed = false;
  let ids = 0;

  function bind(path: string, received: Socket['received']): Promise<() => void> {
    ids += 1;
    const id = ids;
    return new Promise((resolve, reject) => {
      const release = () => {
        sockets.delete(id);
        relay?.close(id);
        holdWhileAwaited();
      };
      const limit = setTimeout(() => {
        settle(id, `the relay has not answered for ${bindLimit} ms`);
        relay?.kill();
      }, bindLimit);
      const waiting = {
        resolve: () => resolve(release),
        reject,
        limit,
      };
      sockets.set(id, { path, received, waiting });
      if (relay) relay.open(id, path);
      else if (!again) start();
      holdWhileAwaited();
    });
  }

  function start(): void {
    again = null;
    // Whoever wants a socket for a worker may start that one first.
    starting ??= turn()
      .then(launch)
      .finally(() => {
        starting = null;
      });
  }

  async function launch(): Promise<void> {
    if (closed) return;
    try {
      const began = now();
      const events: RelayEvents = {
        bound: (id) => settle(id, null),
        refused: (id, why) => settle(id, why),
        data: (id, datagram) => sockets.get(id)?.received(datagram),
        died: (how) => died(how, now() - began),
      };
      relay = await startFirst(languages, scripts, events, whyNotInside);
      for (const [id, { path }] of sockets) relay.open(id, path);
      holdWhileAwaited();
    } catch (error) {
      if (!refuseAll(error as Error)) failed(error as Error);
      deaths += 1;
      retry();
    }
  }

  function died(how: string, lived: number): void {
    const file = relay?.interpreter.file;
    relay = null;
    deaths = lived < HEALTHY ? deaths + 1 : 1;
    failed(new Error(`the relay for notify sockets (${file}) died: ${how}; starting it again`));
    if (deaths >= PATIENCE)
      refuseAll(new Error(`the relay (${file}) dies again and again: ${how}`));
    retry();
  }

  function retry(): void {
    if (closed || sockets.size === 0 || again) return;
    const wait = deaths <= 1 ? 0 : Math.min(SHORTEST_WAIT * 2 ** deaths, LONGEST_WAIT);
    again = setTimeout(start, wait);
    holdWhileAwaited();
  }

  function settle(id: number, why: string | null): void {
    const socket = sockets.get(id);
    if (!socket) return;
    const error = new Error(`cannot bind ${socket.path}: ${why}`);
    if (why !== null) {
      sockets.delete(id);
      if (!socket.waiting) failed(error);
    }
    clearTimeout(socket.waiting?.limit);
    if (why === null) socket.waiting?.resolve();
    else socket.waiting?.reject(error);
    socket.waiting = null;
    holdWhileAwaited();
  }

  /** True if anybody waited. Those that were bound before stay wanted. */
  function refuseAll(error: Error): boolean {
    let told = false;
    for (const [id, socket] of [...sockets]) {
      if (!socket.waiting) continue;
      sockets.delete(id);
      clearTimeout(socket.waiting.limit);
      socket.waiting.reject(error);
      told = true;
    }
    holdWhileAwaited();
    return told;
  }

  function holdWhileAwaited(): void {
    const awaited = [...sockets.values()].some(({ waiting }) => waiting);
    relay?.hold(awaited);
    if (awaited) again?.ref();
    else again?.unref();
  }

  return {
    get transport() {
      return relay?.interpreter.transport ?? null;
    },
    bind,
    unable() {
      if (relay) return null;
      const { found, reasons } = findInterpreters(languages, scripts);
      return found.length === 0 ? noMeans([whyNotInside, ...reasons]) : null;
    },
    async close() {
      closed = true;
      if (again) clearTimeout(again);
      refuseAll(new Error('the notify server was closed'));
      await starting;
      await relay?.end();
    },
  };
}

/** A name may be found and yet not run, such as a shim of pyenv without a version. */
async function startFirst(
  languages: readonly Interpreter['transport'][],
  scripts: string,
  events: RelayEvents,
  whyNotInside: string,
): Promise<RelayProcess> {
  const { found, reasons } = findInterpreters(languages, scripts);
  for (const interpreter of found) {
    try {
      return await startRelay(interpreter, events);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw noMeans([whyNotInside, ...reasons]);
}

function findInterpreters(languages: readonly Interpreter['transport'][], scripts: string) {
  const found: Interpreter[] = [];
  const reasons: string[] = [];
  for (const transport of languages) {
    const files = findPrograms(transport, process.env);
    if (files.length === 0) reasons.push(`no ${transport} on PATH`);
    for (const file of files) found.push({ transport, file, scripts });
  }
  return { found, reasons };
}

function noMeans(reasons: readonly string[]): Error {
  return new Error(`cannot receive notify messages: ${reasons.join('; ')}`);
}
