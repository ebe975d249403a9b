// Receives unix datagrams, which Node cannot do itself, through one relay program for all sockets. The program is
// started with the first socket. If it dies it is started again, and binds all sockets again at the same paths.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findPrograms } from './find-program.js';
import { now } from './monotonic-clock.js';
import {
  type RelayEvents,
  type RelayProcess,
  type ServerTransport,
  startRelay,
} from './relay-process.js';

export interface DatagramReceiver {
  /** The language of the running relay program, or null. */
  readonly transport: ServerTransport | null;
  /**
   * Resolves when the socket is bound, with a function that closes it. Removing the path is the task of the caller.
   * Rejects when the socket cannot be bound.
   */
  bind(path: string, onDatagram: (datagram: Uint8Array) => void): Promise<() => void>;
  close(): Promise<void>;
}

interface Socket {
  readonly path: string;
  readonly onDatagram: (datagram: Uint8Array) => void;
  /** Until it is bound for the first time. */
  waiting: { resolve(): void; reject(error: Error): void; timer: NodeJS.Timeout } | null;
}

/** Time for a running relay to bind a socket. */
const BIND_TIMEOUT_MS = 10_000;
/** Pause before the program is started again: none after the first death, then doubled each time. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5000;
/** A program that lived this long is considered healthy: its death does not count as one more in a row. */
const HEALTHY_MS = 10_000;
/** After this many deaths in a row all waiting sockets are refused. */
const MAX_DEATHS = 4;

/** `scripts` is the directory of relay.pl and relay.py; `languages` are tried in this order. */
export function createDatagramReceiver(
  languages: readonly ServerTransport[],
  scripts: string,
  onFailure: (error: Error) => void,
  bindTimeoutMs: number = BIND_TIMEOUT_MS,
): DatagramReceiver {
  const sockets = new Map<number, Socket>();
  let relay: RelayProcess | null = null;
  let starting: Promise<void> | null = null;
  let restartTimer: NodeJS.Timeout | null = null;
  let deaths = 0;
  let closed = false;
  let lastId = 0;

  function bind(path: string, onDatagram: Socket['onDatagram']): Promise<() => void> {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const release = () => {
        sockets.delete(id);
        relay?.close(id);
      };
      const timer = setTimeout(() => {
        // The start of the relay has its own limits.
        if (!relay) return void timer.refresh();
        settle(id, `the relay has not answered for ${bindTimeoutMs} ms`);
        relay.kill();
      }, bindTimeoutMs);
      sockets.set(id, {
        path,
        onDatagram,
        waiting: { resolve: () => resolve(release), reject, timer },
      });
      if (relay) relay.open(id, path);
      else if (!restartTimer) start();
    });
  }

  function start(): void {
    restartTimer = null;
    // In the next turn, so that the caller can start the worker first for which it wants the socket.
    starting ??= nextTurn()
      .then(launch)
      .finally(() => {
        starting = null;
      });
  }

  async function launch(): Promise<void> {
    if (closed) return;
    try {
      const startedAt = now();
      relay = await startFirst(languages, scripts, {
        bound: (id) => settle(id, null),
        refused: (id, why) => settle(id, why),
        data: (id, datagram) => sockets.get(id)?.onDatagram(datagram),
        died: (how) => onDeath(how, now() - startedAt),
      });
      for (const [id, { path, waiting }] of sockets) {
        waiting?.timer.refresh();
        relay.open(id, path);
      }
    } catch (error) {
      if (!refuseWaiting(error as Error)) onFailure(error as Error);
      deaths += 1;
      restart();
    }
  }

  function onDeath(how: string, livedMs: number): void {
    const file = relay?.interpreter.file;
    relay = null;
    deaths = livedMs < HEALTHY_MS ? deaths + 1 : 1;
    onFailure(new Error(`the relay for notify sockets (${file}) died: ${how}; starting it again`));
    if (deaths >= MAX_DEATHS) {
      refuseWaiting(new Error(`the relay (${file}) dies again and again: ${how}`));
    }
    restart();
  }

  function restart(): void {
    if (closed || sockets.size === 0 || restartTimer) return;
    const pause = deaths <= 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** deaths, MAX_PAUSE_MS);
    // A socket that waits keeps the process running by its own timer.
    restartTimer = setTimeout(start, pause).unref();
  }

  /** The outcome of a bind; `why` is null when it has succeeded. */
  function settle(id: number, why: string | null): void {
    const socket = sockets.get(id);
    if (!socket) return;
    const error = new Error(`cannot bind ${socket.path}: ${why}`);
    if (why !== null) {
      sockets.delete(id);
      if (!socket.waiting) onFailure(error);
    }
    clearTimeout(socket.waiting?.timer);
    if (why === null) socket.waiting?.resolve();
    else socket.waiting?.reject(error);
    socket.waiting = null;
  }

  /** True if any socket waited. Sockets that were bound before stay, and are bound again by the next relay. */
  function refuseWaiting(error: Error): boolean {
    const refused = [...sockets].filter(([, { waiting }]) => waiting);
    for (const [id, { waiting }] of refused) {
      sockets.delete(id);
      clearTimeout(waiting?.timer);
      waiting?.reject(error);
    }
    return refused.length > 0;
  }

  return {
    get transport() {
      return relay?.interpreter.transport ?? null;
    },
    bind,
    async close() {
      closed = true;
      if (restartTimer) clearTimeout(restartTimer);
      refuseWaiting(new Error('the notify server was closed'));
      await starting;
      await relay?.end();
    },
  };
}

/** Tries all interpreters: one may exist and not run, such as a shim of pyenv without a version. */
async function startFirst(
  languages: readonly ServerTransport[],
  scripts: string,
  events: RelayEvents,
): Promise<RelayProcess> {
  const reasons: string[] = [];
  for (const transport of languages) {
    const files = findPrograms(transport, process.env);
    if (files.length === 0) reasons.push(`no ${transport} on PATH`);
    for (const file of files) {
      try {
        return await startRelay({ transport, file, scripts }, events);
      } catch (error) {
        reasons.push((error as Error).message);
      }
    }
  }
  throw new Error(
    `cannot receive notify messages: ${reasons.join('; ') || 'no language is allowed'}`,
  );
}
