// The server of sd_notify for workers: a private socket each. Nothing tells who sent a datagram, so the
// path itself, which cannot be guessed, is what identifies a worker.
import { closeSync, mkdirSync, openSync, readSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Binder, ServerTransport } from './datagram-receiver.js';
import { ffiBinder } from './ffi-binder.js';
import { parse } from './message.js';
import { relayBinder } from './relay-receiver.js';
import { LONGEST_PATH } from './unix-address.js';

export interface NotifySocket {
  /** For NOTIFY_SOCKET of the worker. */
  readonly path: string;
  /** Removes the path; nothing is reported afterwards. */
  close(): void;
}

export type Received = (fields: ReadonlyMap<string, string>) => void;

export interface NotifyServer {
  /** How datagrams are received; null until the first `open` has resolved. */
  readonly transport: ServerTransport | null;
  /**
   * Binds a new socket and reports each datagram that arrives, whatever it says: BARRIER=1, an empty one.
   * Resolves when it is bound. Rejects when there is no means to bind, or the directory is of no use.
   */
  open(received: Received): Promise<NotifySocket>;
  /**
   * Like `open`, for who wants to start the worker meanwhile: the path is known before the socket is bound. Throws
   * what `open` would reject with at once; what goes wrong later, `bound` rejects with.
   */
  begin(received: Received): { readonly path: string; readonly bound: Promise<NotifySocket> };
  /** Closes all sockets, removes their paths, and ends what was started. */
  close(): Promise<void>;
}

export interface NotifyServerOptions {
  /** Made with mode 0700 if it is missing, and then removed at the end; must be of this user. */
  readonly directory: string;
  /** Those that may be used: node:ffi first, then the others in this order. */
  readonly transports?: readonly ServerTransport[];
  /** Where relay.pl and relay.py are, for whoever bundles this package; its own folder when absent. */
  readonly scripts?: string;
  /** Told of what nobody waits for: a relay that died, a listener that threw. */
  readonly onFailure?: (error: Error) => void;
}

/** The relay in perl has numbers that are others on MIPS. */
const TRANSPORTS: readonly ServerTransport[] = process.arch.startsWith('mips')
  ? ['ffi', 'python3']
  : ['ffi', 'perl', 'python3'];
const SCRIPTS = fileURLToPath(new URL('../../relay', import.meta.url));

/** Starts nothing and touches nothing until the first `open`. */
export function createNotifyServer(options: NotifyServerOptions): NotifyServer {
  const { transports = TRANSPORTS, scripts = SCRIPTS } = options;
  const directory = resolve(options.directory);
  const failed = (error: Error) => queueMicrotask(() => options.onFailure?.(error));
  const open = new Set<NotifySocket>();
  let binder: Binder | null = null;
  let made = false;
  let closed = false;

  const closeAll = () => {
    for (const socket of open) socket.close();
  };

  function begin(received: Received) {
    if (closed) throw new Error('the notify server is closed');
    made = prepare(directory) || made;
    const path = join(directory, `n${randomText()}`);
    const length = Buffer.byteLength(path);
    if (length > LONGEST_PATH) {
      throw new Error(`cannot bind ${path}: ${length} bytes, a socket has at most ${LONGEST_PATH}`);
    }
    if (!binder) {
      binder = choose(transports, scripts, failed);
      process.on('exit', closeAll);
    }
    const problem = binder.unable();
    if (problem) throw problem;
    return { path, bound: bind(path, received) };
  }

  async function bind(path: string, received: Received): Promise<NotifySocket> {
    let listening = true;
    const release = await bindFirst(path, (datagram) => {
      if (!listening) return;
      try {
        received(parse(datagram));
      } catch (error) {
        failed(error as Error);
      }
    });
    const socket: NotifySocket = {
      path,
      close() {
        if (!open.delete(socket)) return;
        listening = false;
        release();
        rmSync(path, { force: true });
      },
    };
    open.add(socket);
    if (closed) {
      socket.close();
      throw new Error('the notify server was closed');
    }
    return socket;
  }

  /** A Node whose inside has changed may fail at the first socket: then the next way. */
  async function bindFirst(path: string, received: (datagram: Uint8Array) => void) {
    const first = binder as Binder;
    try {
      return await first.bind(path, received);
    } catch (error) {
      rmSync(path, { force: true });
      if (first.transport !== 'ffi' || open.size > 0) throw error;
      // Several may come here at once.
      if (!binder || binder === first)
        binder = relay(transports, scripts, failed, (error as Error).message);
      return binder.bind(path, received);
    }
  }

  return {
    get transport() {
      return binder?.transport ?? null;
    },
    open: async (received) => begin(received).bound,
    begin,
    async close() {
      closed = true;
      closeAll();
      process.off('exit', closeAll);
      await binder?.close();
      if (made) removeIfEmpty(directory);
    },
  };
}

function choose(
  transports: readonly ServerTransport[],
  scripts: string,
  failed: (error: Error) => void,
): Binder {
  const allowed = transports.includes('ffi');
  const inside = allowed ? ffiBinder(failed) : null;
  return (
    inside ??
    relay(transports, scripts, failed, allowed ? 'no node:ffi here' : 'node:ffi not wanted')
  );
}

function relay(
  transports: readonly ServerTransport[],
  scripts: string,
  failed: (error: Error) => void,
  whyNotInside: string,
): Binder {
  const languages = transports.filter((one) => one !== 'ffi');
  return relayBinder(languages, failed, whyNotInside, scripts);
}

/** True when it had to be made. Throws when others could replace what is in it. */
function prepare(directory: string): boolean {
  const made = mkdirSync(directory, { recursive: true, mode: 0o700 }) !== undefined;
  const { uid, mode } = statSync(directory);
  if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) {
    throw new Error(`${directory} is no place for private sockets: others may write to it`);
  }
  return made;
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Somebody else uses it.
  }
}

/** 16 characters that nobody can guess; node:crypto takes longer to load than all else here. */
function randomText(): string {
  const bytes = Buffer.alloc(12);
  const fd = openSync('/dev/urandom', 'r');
  try {
    if (readSync(fd, bytes) === bytes.length) return bytes.toString('base64url');
    throw new Error('/dev/urandom gave too little');
  } finally {
    closeSync(fd);
  }
}
