// The server of sd_notify for workers, with a private socket for each. A datagram does not tell who sent it, so that
// the path of the socket, which cannot be guessed, identifies the worker.
import { closeSync, mkdirSync, openSync, readSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from './message.js';
import { isPrivateDirectory } from './private-directory.js';
import type { ServerTransport } from './relay-process.js';
import { createDatagramReceiver, type DatagramReceiver } from './relay-receiver.js';

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

/** Starts nothing and touches no file until the first socket is opened. */
export function createNotifyServer(options: NotifyServerOptions): NotifyServer {
  const { transports = TRANSPORTS, scripts = SCRIPTS } = options;
  const directory = resolve(options.directory);
  const report = (error: Error) => queueMicrotask(() => options.onFailure?.(error));
  const sockets = new Set<NotifySocket>();
  let receiver: DatagramReceiver | null = null;
  let madeDirectory = false;
  let closed = false;

  const closeAll = () => {
    for (const socket of sockets) socket.close();
  };

  function begin(onFields: OnFields) {
    if (closed) throw new Error('the notify server is closed');
    madeDirectory = makeDirectory(directory) || madeDirectory;
    const path = join(directory, `n${randomName()}`);
    const size = Buffer.byteLength(path);
    if (size > MAX_PATH_BYTES) {
      throw new Error(`cannot bind ${path}: ${size} bytes, a socket has at most ${MAX_PATH_BYTES}`);
    }
    if (!receiver) {
      receiver = createDatagramReceiver(transports, scripts, report);
      process.on('exit', closeAll);
    }
    return { path, bound: bind(receiver, path, onFields) };
  }

  async function bind(from: DatagramReceiver, path: string, onFields: OnFields) {
    let isOpen = true;
    const release = await from.bind(path, (datagram) => {
      if (!isOpen) return;
      try {
        onFields(parse(datagram));
      } catch (error) {
        report(error as Error);
      }
    });
    const socket: NotifySocket = {
      path,
      close() {
        if (!sockets.delete(socket)) return;
        isOpen = false;
        release();
        rmSync(path, { force: true });
      },
    };
    sockets.add(socket);
    if (closed) {
      socket.close();
      throw new Error('the notify server was closed');
    }
    return socket;
  }

  return {
    get transport() {
      return receiver?.transport ?? null;
    },
    open: async (onFields) => begin(onFields).bound,
    begin,
    async close() {
      closed = true;
      closeAll();
      process.off('exit', closeAll);
      await receiver?.close();
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
  try {
    if (readSync(fd, bytes) === bytes.length) return bytes.toString('base64url');
    throw new Error('/dev/urandom gave too few bytes');
  } finally {
    closeSync(fd);
  }
}
