// Sockets that the service manager passed to the master: LISTEN_FDS and its companions, sd_listen_fds(3).
import { closeSync, lstatSync } from 'node:fs';
import { listenFds, type PassedFd } from 'node-systemd-notify';
import { FIRST_FD } from '../ipc-protocol.js';
import { parseStoredName, type StoredName } from './fd-store-names.js';
import type { HeldSocket } from './held-socket.js';
import { DEFAULT_BACKLOG } from './listen-spec.js';
import { sparePathOf } from './spare-path.js';

/** The name that OpenFile=/run/systemd/notify:notify gives. */
const NOTIFY_NAME = 'notify';
/** The kernel lowers it to net.core.somaxconn, as it did with Backlog= of the socket unit. */
const LARGEST_BACKLOG = 65_535;

export interface Inherited {
  /** From a socket unit, or from another program that passes sockets. */
  readonly sockets: readonly HeldSocket[];
  /** From the descriptor store, where an earlier master put them. */
  readonly stored: readonly StoredSocket[];
  /** One log line for each thing that is not used. */
  readonly remarks: readonly string[];
}

export interface StoredSocket {
  /** Its name in the descriptor store. */
  readonly storedAs: string;
  readonly socket: HeldSocket;
}

/**
 * Reads LISTEN_FDS for process `pid`; the ids of the sockets begin at `firstId`. The descriptors stay plain numbers,
 * because Node closes the descriptor of a handle that is collected. Throws nothing: what is wrong is in `remarks`.
 */
export function inherit(env: NodeJS.ProcessEnv, pid: number, firstId: number): Inherited {
  const { fds, problem } = listenFds({ env, pid });
  const remarks: string[] = [];
  if (problem !== null) remarks.push(`ignoring what was passed: ${problem}`);
  // A worker without sockets has LISTEN_PID alone, and may be a graceful-run itself.
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
    if (known) stored.push({ storedAs: name, socket: fromStore(id, fd, known, address) });
    else if (kind === 'listener') sockets.push(inherited(id, fd, name, address));
    // The notify socket of the service manager is used elsewhere.
    else if (name !== NOTIFY_NAME)
      remarks.push(`not passing on descriptor ${fd} (${name}): it is not a listening socket`);
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
    backlog: LARGEST_BACKLOG,
  };
}

function fromStore(id: number, fd: number, known: StoredName, address: Address): HeldSocket {
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
