// The directory for the NOTIFY_SOCKETs of the workers. It is private, because a process that can write to the socket
// of a worker can send messages in its name.
import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPrivateDirectory } from 'node-systemd-notify/linux';

const MODE = 0o700;
/** A path of a socket has at most 107 bytes, unix(7), and the names of the sockets need some of them. */
const MAX_BYTES = 80;
/** The names that node-systemd-notify gives to its sockets. */
const SOCKET_NAME = /^n[\w-]{16}$/;

export interface NotifyDirectory {
  readonly path: string;
  /** Removes the sockets, and the directory unless it contains other files. */
  remove(): void;
}

/**
 * Makes the directory beside the control socket, which only one master has. Without a control socket, or if that path
 * would be too long, it is a directory for the pid of the master in the directory for temporary files. What masters
 * that were killed have left there is removed. Throws when the directory cannot be made or is not private.
 */
export function makeNotifyDirectory(control: string | null, uid: number): NotifyDirectory {
  const beside = control === null ? null : `${control}.notify`;
  const path =
    beside !== null && Buffer.byteLength(beside) <= MAX_BYTES ? beside : temporaryDirectory(uid);
  removeSockets(path);
  mkdirSync(path, { recursive: true, mode: MODE });
  return { path, remove: () => removeSockets(path) };
}

function temporaryDirectory(uid: number): string {
  const base = join(tmpdir(), `graceful-run-${uid}`);
  mkdirSync(base, { recursive: true, mode: MODE });
  if (!isPrivateDirectory(base, uid)) {
    throw new Error(`${base} must be a directory of this user that no one else may write to`);
  }
  for (const name of readdirSync(base)) {
    const [, pid] = /^notify-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) removeSockets(join(base, name));
  }
  return join(base, `notify-${process.pid}`);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It may belong to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Removes the sockets in the directory, then the directory if it is empty. */
function removeSockets(directory: string): void {
  try {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (SOCKET_NAME.test(name) && lstatSync(path).isSocket()) rmSync(path);
    }
    rmdirSync(directory);
  } catch {
    // It does not exist, or contains files of another program.
  }
}
