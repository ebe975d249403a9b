// Sockets that the service manager passed to the master: LISTEN_FDS and its companions, sd_listen_fds(3).
import { closeSync, lstatSync } from 'node:fs';
import { listenFds, type PassedFd } from 'node-systemd-notify';
import { FIRST_FD } from '../ipc-protocol.js';
import { parseStoredName, type StoredName } from './fd-store-names.js';
import type { HeldSocket } from './held-socket.js';
import { DEFAULT_BACKLOG } from './listen-spec.js';
import { sparePathOf } from './spare-path.js';

/** OpenFile=/run/systemd/notify:notify */
const NOTIFY_NAME = 'notify';
/** The kernel cuts it to net.core.somaxconn, as it did with Backlog= of the socket unit: never less than that. */
const KERNEL_LIMIT = 65_535;

export interface Inherited {
  /** From socket units and the like. */
  readonly sockets: readonly HeldSocket[];
  /** Our own, of an earlier start, from the descriptor store. */
  readonly stored: readonly StoredSocket[];
  /** What was there and is not used, as a line for the log. */
  readonly remarks: readonly string[];
}

export interface StoredSocket {
  /** In the store, which may hold it also when it is not wanted any more. */
  readonly storedAs: string;
  readonly socket: HeldSocket;
}

/** The descriptors stay what they are, raw numbers: Node closes the number of what it wraps. */
export function inherit(env: NodeJS.ProcessEnv, pid: number, firstId: number): Inherited {
  const { fds, problem } = listenFds({ env, pid });
  const remarks: string[] = [];
  if (problem !== null) remarks.push(`ignoring what was passed: ${problem}`);
  // LISTEN_PID alone is what a worker without sockets has, which may be a graceful-run itself.
  else if (env.LISTEN_FDS && fds.length === 0) {
    const addressee = env.LISTEN_PID ?? '(none)';
    remarks.push(`ignoring LISTEN_FDS: it is meant for pid ${addressee}, not for ${pid}`);
  }
  const sockets: HeldSocket[] = [];
  const stored: StoredSocket[] = [];
  for (const passed of fds) {
    const { fd, name, kind } = passed;
    const address = addressOf(passed);
    const known = parseStoredName(name);
    const id = firstId + fd - FIRST_FD;
    if (known) stored.push({ storedAs: name, socket: takenBack(id, fd, known, address) });
    else if (kind === 'listener') sockets.push(inherited(id, fd, name, address));
    // The way to the service manager itself, which somebody else looks after.
    else if (name !== NOTIFY_NAME)
      remarks.push(`not passing on descriptor ${fd} (${name}): it is no listening socket`);
  }
  return { sockets, stored, remarks };
}

type Address = Pick<HeldSocket, 'host' | 'port' | 'path'>;

/** Empty for a listener of another network namespace (PrivateNetwork=): the worker will report its address. */
function addressOf({ kind, address }: PassedFd): Address {
  const unknown = { host: null, port: null, path: null };
  return kind === 'listener' && address ? { ...unknown, ...address } : unknown;
}

function inherited(id: number, fd: number, name: string, address: Address): HeldSocket {
  return {
    ...{ id, fd, name, origin: 'inherited', ...address, close: null },
    // The path of a socket unit is not ours to remove, systemd.socket(5).
    ...{ sparePath: null, inode: null, appAddress: null, openedAs: null },
    backlog: KERNEL_LIMIT,
  };
}

function takenBack(id: number, fd: number, known: StoredName, address: Address): HeldSocket {
  const { origin, name, path } = known;
  const sparePath = path === null ? null : sparePathOf(path);
  return {
    ...{ id, fd, name, origin, ...address, path, sparePath },
    inode: path === null ? null : inodeOfPath(path),
    ...{ appAddress: null, openedAs: null, backlog: DEFAULT_BACKLOG, close: () => closeSync(fd) },
  };
}

function inodeOfPath(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
