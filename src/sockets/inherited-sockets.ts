// Sockets that the service manager passed to the master: LISTEN_FDS and its companions, sd_listen_fds(3).
import { closeSync } from 'node:fs';
import { listenFds, type PassedFd } from 'node-systemd-notify';
import { parseStoredName } from './fd-store.js';
import type { NewSocket } from './held-socket.js';
import { DEFAULT_BACKLOG } from './listen-spec.js';
import { inodeOf } from './socket-files.js';
import { sparePathOf } from './spare-path.js';

/** The name that OpenFile=/run/systemd/notify:notify gives. */
const NOTIFY_NAME = 'notify';
/** The kernel lowers it to net.core.somaxconn, as it did with Backlog= of the socket unit. */
const LARGEST_BACKLOG = 65_535;

/**
 * The sockets that LISTEN_FDS passes to process `pid`: those of a socket unit or of another program, and those that an
 * earlier master left in the descriptor store (`storedAs`). The descriptors stay plain numbers, because Node closes the
 * descriptor of a handle that is collected. Throws nothing: `warn` gets a line for each thing that is not used.
 */
export function inherit(
  env: NodeJS.ProcessEnv,
  pid: number,
  warn: (remark: string) => void,
): NewSocket[] {
  const { fds, problem } = listenFds({ env, pid });
  if (problem !== null) warn(`ignoring what was passed: ${problem}`);
  // A worker without sockets has LISTEN_PID alone, and may be a graceful-run itself.
  else if (env.LISTEN_FDS && fds.length === 0) {
    const addressee = env.LISTEN_PID ?? '(none)';
    warn(`ignoring LISTEN_FDS: it is meant for pid ${addressee}, not for ${pid}`);
  }
  return fds.flatMap((passed) => {
    const { fd, name, kind } = passed;
    const stored = fromStore(passed);
    if (stored) return [stored];
    if (kind === 'listener') return [inherited(passed)];
    // The notify socket of the service manager is used elsewhere.
    if (name !== NOTIFY_NAME)
      warn(`not passing on descriptor ${fd} (${name}): it is not a listening socket`);
    return [];
  });
}

function inherited({ fd, name, kind, address }: PassedFd): NewSocket {
  return {
    ...{ name, origin: 'inherited', fd, host: null, port: null, path: null },
    // Unknown for a listener of another network namespace (PrivateNetwork=): the worker will report it.
    ...(kind === 'listener' && address),
    // The path of a socket unit is not ours to remove, systemd.socket(5).
    ...{ sparePath: null, inode: null, appAddress: null, openedAs: null, isPrivate: false },
    ...{ storedAs: null, backlog: LARGEST_BACKLOG, close: null },
  };
}

/** Null for a socket that does not come from the descriptor store. */
function fromStore(passed: PassedFd): NewSocket | null {
  const { fd, name: storedAs } = passed;
  const known = parseStoredName(storedAs);
  if (!known) return null;
  const { path } = known;
  return {
    ...inherited(passed),
    ...known,
    sparePath: path === null ? null : sparePathOf(path),
    inode: path === null ? null : inodeOf(path),
    storedAs,
    backlog: DEFAULT_BACKLOG,
    close: () => closeSync(fd),
  };
}
