// Descriptors that the service manager passed: sd_listen_fds_with_names(3). They stay raw numbers with
// close-on-exec set, as Node makes all that it inherits; whoever wraps one in a server owns it then.
import { keepOwnEnvironment, LISTEN_VARIABLES, namesUs } from './environment.js';
import { createSocketTable, isOpen, type Kind } from './proc-net.js';

export interface PassedFd {
  readonly fd: number;
  /** FileDescriptorName= and the like; several may have the same one. */
  readonly name: string;
  /** A listening socket, a datagram socket (UDP or unix), or anything else. */
  readonly kind: 'listener' | 'datagram' | 'other';
}

export interface ListenFds {
  readonly fds: readonly PassedFd[];
  /** Why nothing is taken although something was said; null when all is well or nothing was said. */
  readonly problem: string | null;
}

/** OpenFile=/run/systemd/notify:notify */
export const NOTIFY_NAME = 'notify';
const FIRST = 3;
const MOST = 2 ** 31 - 1 - FIRST;

/**
 * `unset` removes the variables from `env`, in any case, so that no child takes them for its own. A
 * LISTEN_PID of another process is no problem: the variables are simply not ours.
 */
export function listenFds({
  env = process.env,
  pid = process.pid,
  unset = false,
}: {
  readonly env?: NodeJS.ProcessEnv;
  readonly pid?: number;
  readonly unset?: boolean;
} = {}): ListenFds {
  const found = find(env, pid);
  if (unset) {
    if (env === process.env) keepOwnEnvironment();
    for (const name of LISTEN_VARIABLES) delete env[name];
  }
  return found;
}

function find(env: NodeJS.ProcessEnv, pid: number): ListenFds {
  const { LISTEN_PID: of, LISTEN_FDS: amount, LISTEN_FDNAMES: namesText } = env;
  if (of === undefined) return none();
  if (!isNumber(of)) return none(`LISTEN_PID=${of} is no pid`);
  if (!namesUs(of, env, pid)) return none();
  if (amount === undefined) return none();
  const count = isNumber(amount) ? Number(amount) : 0;
  if (count < 1 || count > MOST) return none(`LISTEN_FDS=${amount} is no number of descriptors`);
  // Empty names are names.
  const names = namesText?.split(':');
  if (names && names.length !== count) {
    return none(`LISTEN_FDS=${count}, but there are ${names.length} names in LISTEN_FDNAMES`);
  }
  const kindOf = createSocketTable();
  const fds: PassedFd[] = [];
  for (let i = 0; i < count; i += 1) {
    const fd = FIRST + i;
    if (!isOpen(fd)) return none(`LISTEN_FDS=${count}, but descriptor ${fd} is not open`);
    const name = names?.[i] ?? 'unknown';
    fds.push({ fd, name, kind: assume(kindOf(fd), name) });
  }
  return { fds, problem: null };
}

const none = (problem: string | null = null): ListenFds => ({ fds: [], problem });

const isNumber = (text: string) => /^\d{1,10}$/.test(text);

/** What systemd opens in its own network namespace is its sockets, and the notify socket. */
function assume(kind: Kind, name: string): PassedFd['kind'] {
  if (kind !== 'unlisted') return kind;
  return name === NOTIFY_NAME ? 'datagram' : 'listener';
}
