// The directory for the NOTIFY_SOCKETs of the workers: nobody else may look into it, for whoever can write to
// the socket of a worker speaks in its name.
import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PRIVATE = 0o700;
/** sun_path has 108 bytes, unix(7), and the names inside need some. */
const LONGEST = 80;
/** Names that node-systemd-notify gives. */
const SOCKET = /^n[\w-]{16}$/;

export interface NotifyDirectory {
  readonly path: string;
  /** Removes it, unless somebody has put something into it. */
  remove(): void;
}

/**
 * Beside the control socket, of which there is one master only; without one, or when that makes too long a
 * path, in a directory for the master's pid below that for temporary files. What a killed master left there is
 * removed. Throws when there is no place for it.
 */
export function makeNotifyDirectory(control: string | null, uid: number): NotifyDirectory {
  const beside = control === null ? null : `${control}.notify`;
  const path =
    beside !== null && Buffer.byteLength(beside) <= LONGEST ? beside : temporaryDirectory(uid);
  // The server makes it again when it needs it.
  removeSockets(path);
  mkdirSync(path, { recursive: true, mode: PRIVATE });
  return { path, remove: () => removeSockets(path) };
}

function temporaryDirectory(uid: number): string {
  const base = join(tmpdir(), `graceful-run-${uid}`);
  mkdirSync(base, { recursive: true, mode: PRIVATE });
  const found = lstatSync(base);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(`${base} must be a directory of this user that no one else may write to`);
  }
  for (const name of readdirSync(base)) {
    const [, pid] = /^notify-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) removeSockets(join(base, name));
  }
  return join(base, `notify-${process.pid}`);
}

/** Its sockets and itself; nothing that is not ours. */
function removeSockets(directory: string): void {
  try {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (SOCKET.test(name) && lstatSync(path).isSocket()) rmSync(path);
    }
    rmdirSync(directory);
  } catch {
    // It is not there, or holds something of somebody else, who may keep it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
