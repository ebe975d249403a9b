// Descriptors that the service manager passed: sd_listen_fds_with_names(3). They stay plain numbers, with
// close-on-exec set as Node does for all inherited descriptors. A server made from one owns it from then on.
import { fstatSync } from 'node:fs';
import { isOwnPid } from './environment.js';
import { readSockets, type SocketInfo } from './passed-socket.js';

export interface PassedFd extends SocketInfo {
  readonly fd: number;
  /** The value of FileDescriptorName= or the like; several descriptors may have the same name. */
  readonly name: string;
}

export interface ListenFds {
  readonly fds: readonly PassedFd[];
  /** What is wrong with the variables, so that nothing is taken; null if they are right, absent or not for us. */
  readonly problem: string | null;
}

/** OpenFile=/run/systemd/notify:notify */
export const NOTIFY_NAME = 'notify';
const FIRST_FD = 3;
const MAX_COUNT = 2 ** 31 - 1 - FIRST_FD;

/**
 * The descriptors that were passed to this process. Variables that are meant for another process are not a problem;
 * child processes that inherit them see by LISTEN_PID that they are not for them.
 */
export function listenFds({
  env = process.env,
  pid = process.pid,
}: {
  readonly env?: NodeJS.ProcessEnv;
  readonly pid?: number;
} = {}): ListenFds {
  const { LISTEN_PID: listenPid, LISTEN_FDS: countText, LISTEN_FDNAMES: namesText } = env;
  if (listenPid === undefined) return none();
  if (!isNumber(listenPid)) return none(`LISTEN_PID=${listenPid} is not a pid`);
  if (!isOwnPid(listenPid, env, pid) || countText === undefined) return none();
  const count = isNumber(countText) ? Number(countText) : 0;
  if (count < 1 || count > MAX_COUNT) {
    return none(`LISTEN_FDS=${countText} is not a number of descriptors`);
  }
  // A name may be empty.
  const names = namesText?.split(':');
  if (names && names.length !== count) {
    return none(`LISTEN_FDS=${count}, but there are ${names.length} names in LISTEN_FDNAMES`);
  }
  const sockets = readSockets();
  const fds: PassedFd[] = [];
  for (let i = 0; i < count; i += 1) {
    const fd = FIRST_FD + i;
    const name = names?.[i] ?? 'unknown';
    const info = describe(fd, name, sockets);
    if (!info) return none(`LISTEN_FDS=${count}, but descriptor ${fd} is not open`);
    fds.push({ fd, name, ...info });
  }
  return { fds, problem: null };
}

const none = (problem: string | null = null): ListenFds => ({ fds: [], problem });

const isNumber = (text: string) => /^\d{1,10}$/.test(text);

/** Null if no descriptor of this process has the number `fd`. */
function describe(
  fd: number,
  name: string,
  sockets: ReadonlyMap<number, SocketInfo>,
): SocketInfo | null {
  try {
    const file = fstatSync(fd);
    if (!file.isSocket()) return { kind: 'other', address: null };
    // One of another network namespace (PrivateNetwork=) is not listed. systemd opens only listeners and the notify
    // socket there.
    const unlisted = name === NOTIFY_NAME ? 'datagram' : 'listener';
    return sockets.get(file.ino) ?? { kind: unlisted, address: null };
  } catch {
    return null;
  }
}
