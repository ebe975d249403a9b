// The server of sd_notify for workers, with a private socket for each. A datagram does not tell who sent it, so that
// the path of the socket, which cannot be guessed, identifies the worker. One relay program receives the datagrams of all
// sockets. It is started with the first one. If it dies it is started again, and binds all sockets again at their paths.
import { closeSync, mkdirSync, openSync, readSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findPrograms } from './find-program.js';
import { isPrivateDirectory, now } from './linux.js';
import { parse } from './message.js';
import { type Relay, type ServerTransport, startRelay } from './relay.js';

export interface NotifySocket {
  /** For NOTIFY_SOCKET of the worker. */
  readonly path: string;
  /** Removes the path. Nothing is reported afterwards. */
  close(): void;
}

export type OnFields = (fields: ReadonlyMap<string, string>) => void;

export interface NotifyServer {
  /** The language of the relay program; null while none runs. */
  readonly transport: ServerTransport | null;
  /**
   * Binds a new socket, and resolves when it is bound. `onFields` is called for each datagram, also an empty one and
   * BARRIER=1. Rejects when there is no means to bind, or the directory is not private.
   */
  open(onFields: OnFields): Promise<NotifySocket>;
  /**
   * Like `open`, for a caller that starts the worker meanwhile: the path is known before the socket is bound. Errors
   * that are known at once are thrown; for later ones `bound` rejects.
   */
  begin(onFields: OnFields): { readonly path: string; readonly bound: Promise<NotifySocket> };
  /** Closes all sockets, removes their paths, and ends the relay program. */
  close(): Promise<void>;
}

export interface NotifyServerOptions {
  /** Must belong to this user. Made with mode 0700 if it is missing, and then removed at the end. */
  readonly directory: string;
  /** The languages that may be used, in this order. */
  readonly transports?: readonly ServerTransport[];
  /** The directory of relay.pl and relay.py, for a program that bundles this package. */
  readonly scripts?: string;
  /** Called for errors that no promise reports: the relay died, `onFields` threw. */
  readonly onFailure?: (error: Error) => void;
}

/** The constants in relay.pl have other values on MIPS. */
const TRANSPORTS: readonly ServerTransport[] = process.arch.startsWith('mips')
  ? ['python3']
  : ['perl', 'python3'];
const SCRIPTS = fileURLToPath(new URL('../../relay', import.meta.url));
/** sun_path has 108 bytes, and a path ends with a NUL within them, unix(7). */
const MAX_PATH_BYTES = 107;
/** Time for a socket to be bound, including the start of the relay. */
const BIND_TIMEOUT_MS = 10_000;
/** Pause before the relay is started again: none after the first death, then doubled each time. */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5000;
/** A relay that lived this long is considered healthy: its death does not count as one more in a row. */
const HEALTHY_MS = 10_000;

interface OpenSocket {
  readonly path: string;
  readonly onFields: OnFields;
  /** Called when it is bound, or with the reason why it is not; null after that. */
  settle: ((error: Error | null) => void) | null;
}

/** Starts nothing and touches no file until the first socket is opened. */
export function createNotifyServer(options: NotifyServerOptions): NotifyServer {
  const { transports = TRANSPORTS, scripts = SCRIPTS } = options;
  const directory = resolve(options.directory);
  const report = (error: Error) => queueMicrotask(() => options.onFailure?.(error));
  const sockets = new Map<number, OpenSocket>();
  let lastId = 0;
  let relay: Relay | null = null;
  let isRunning = false;
  let madeDirectory = false;
  let closed = false;

  function begin(onFields: OnFields) {
    if (closed) throw new Error('the notify server is closed');
    madeDirectory = makeDirectory(directory) || madeDirectory;
    const path = join(directory, `n${randomName()}`);
    const size = Buffer.byteLength(path);
    if (size > MAX_PATH_BYTES) {
      throw new Error(`cannot bind ${path}: ${size} bytes, a socket has at most ${MAX_PATH_BYTES}`);
    }
    lastId += 1;
    const id = lastId;
    const bound = new Promise<NotifySocket>((resolve, reject) => {
      const timer = setTimeout(() => {
        refuse(id, `the relay has not answered for ${BIND_TIMEOUT_MS} ms`);
        void relay?.kill();
      }, BIND_TIMEOUT_MS);
      const socket: OpenSocket = {
        path,
        onFields,
        settle(error) {
          clearTimeout(timer);
          socket.settle = null;
          if (error) reject(error);
          else resolve({ path, close: () => close(id) });
        },
      };
      sockets.set(id, socket);
    });
    relay?.open(id, path);
    if (!isRunning) void keepRelayRunning();
    return { path, bound };
  }

  function close(id: number): void {
    const socket = sockets.get(id);
    if (!socket) return;
    sockets.delete(id);
    relay?.close(id);
    rmSync(socket.path, { force: true });
    socket.settle?.(new Error('the notify server was closed'));
  }

  function refuse(id: number, why: string): void {
    const socket = sockets.get(id);
    if (!socket) return;
    sockets.delete(id);
    const error = new Error(`cannot bind ${socket.path}: ${why}`);
    if (socket.settle) socket.settle(error);
    else report(error);
  }

  /** As long as there are sockets. */
  async function keepRelayRunning(): Promise<void> {
    isRunning = true;
    // In the next turn, so that the caller can first start the worker for which it wants the socket.
    await nextTurn();
    for (let deaths = 0; sockets.size > 0; ) {
      const startedAt = now();
      await runRelay();
      if (closed) return;
      deaths = now() - startedAt < HEALTHY_MS ? deaths + 1 : 1;
      const pause = deaths === 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** deaths, MAX_PAUSE_MS);
      // A socket that waits keeps the process running by its own timer.
      await wait(pause, undefined, { ref: false });
    }
    isRunning = false;
  }

  /** Tries all interpreters, runs the first one that works, and reports how it ended. */
  async function runRelay(): Promise<void> {
    const reasons: string[] = [];
    for (const transport of transports) {
      const files = findPrograms(transport, process.env);
      if (files.length === 0) reasons.push(`no ${transport} on PATH`);
      for (const file of files) {
        const { hasWorked, how } = await run(transport, file);
        if (closed) return;
        if (hasWorked) {
          const died = `the relay for notify sockets (${file}) died: ${how}`;
          return report(new Error(`${died}; starting it again`));
        }
        reasons.push(`${file}: ${how}`);
      }
    }
    const why = reasons.join('; ') || 'no language is allowed';
    const error = new Error(`cannot receive notify messages: ${why}`);
    const waiting = [...sockets].filter(([, { settle }]) => settle);
    for (const [id, { settle }] of waiting) {
      sockets.delete(id);
      settle?.(error);
    }
    if (waiting.length === 0) report(error);
  }

  /** Resolves when this relay has ended. */
  async function run(transport: ServerTransport, file: string) {
    try {
      const current = startRelay(transport, file, scripts, {
        bound: (id) => sockets.get(id)?.settle?.(null),
        refused: refuse,
        data: onData,
      });
      relay = current;
      for (const [id, { path }] of sockets) relay.open(id, path);
      const how = await current.ended;
      return { hasWorked: current.hasAnswered(), how };
    } catch (error) {
      return { hasWorked: false, how: String(error) };
    } finally {
      relay = null;
    }
  }

  function onData(id: number, datagram: Uint8Array): void {
    try {
      sockets.get(id)?.onFields(parse(datagram));
    } catch (error) {
      report(error as Error);
    }
  }

  return {
    get transport() {
      return relay?.hasAnswered() ? relay.transport : null;
    },
    open: async (onFields) => begin(onFields).bound,
    begin,
    async close() {
      closed = true;
      await relay?.kill();
      for (const id of sockets.keys()) close(id);
      if (madeDirectory) removeIfEmpty(directory);
    },
  };
}

/** True when the directory was missing. Throws when other users could replace the sockets in it. */
function makeDirectory(directory: string): boolean {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
  if (!isPrivateDirectory(directory, process.geteuid?.() ?? -1)) {
    throw new Error(`${directory} must be a directory of this user that no one else may write to`);
  }
  return made;
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Another program uses it.
  }
}

/** 16 characters that cannot be guessed. node:crypto would take longer to load than the rest of this package. */
function randomName(): string {
  const bytes = Buffer.alloc(12);
  const fd = openSync('/dev/urandom', 'r');
  readSync(fd, bytes);
  closeSync(fd);
  return bytes.toString('base64url');
}
