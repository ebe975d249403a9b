// Claims and releases the path of a unix socket while other processes may claim the same path. File operations are
// synchronous: they take microseconds, and the thread pool would take longer and use more memory.
import { linkSync, lstatSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { now } from 'node-systemd-notify/linux';

/** The size of sun_path in unix(7) without its final NUL; Node up to 22 silently cuts a longer path. */
export const MAX_UNIX_PATH_BYTES = 107;
const LOCK_TIMEOUT_MS = 2000;

export type Claim =
  | { readonly ok: true; readonly inode: number }
  | { readonly ok: false; readonly why: string };

let temporaryNames = 0;

/**
 * A name beside `path` under which the socket can be bound first; null if it, or `path`, is too long for the kernel.
 * It is unique in this process: /proc/net/unix lists a socket by the name under which it was bound.
 */
export function temporaryNameFor(path: string): string | null {
  temporaryNames += 1;
  const name = join(dirname(path), `.${process.pid}.${temporaryNames}`);
  const longest = Math.max(Buffer.byteLength(name), Buffer.byteLength(path));
  return longest > MAX_UNIX_PATH_BYTES ? null : name;
}

/**
 * Renames the socket file `temporary` to `path`, and replaces a dead socket there. Refused, without any change, if a
 * process accepts on `path` or if it is not a socket. If two processes try at the same moment, exactly one gets it.
 * Throws the system error if a file cannot be created or removed.
 */
export async function claimPath(temporary: string, path: string): Promise<Claim> {
  const { ino } = lstatSync(temporary);
  const unlock = await lock(path);
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (tryLink(temporary, path)) return { ok: true, inode: ino };
      const why = await removeDead(path);
      if (why !== null) return { ok: false, why };
    }
    return { ok: false, why: 'other processes keep creating it' };
  } finally {
    rmSync(temporary, { force: true });
    unlock();
  }
}

/** Removes `path` if it is still the file with this inode. Never throws. */
export function releasePath(path: string, inode: number): void {
  try {
    if (lstatSync(path).ino === inode) rmSync(path, { force: true });
  } catch {
    // A dead socket file that stays is replaced by the next `claimPath`.
  }
}

/** True if a process accepts connections on `path`. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => done(true));
    // A full queue (EAGAIN) and a denied connection (EACCES) do not prove that the socket is dead.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      done(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

/**
 * Only one process may remove a dead socket file at a time, or it could remove the file that another has just created.
 * An abstract socket (unix(7)) is a lock that the kernel releases when its process dies. After LOCK_TIMEOUT_MS the work
 * goes on without the lock; then at worst one of two processes loses a path that it claimed.
 */
async function lock(path: string): Promise<() => void> {
  const { dev, ino } = statSync(dirname(path));
  const name = `\0graceful-run:${dev}:${ino}:${basename(path)}`.slice(0, 100);
  for (const end = now() + LOCK_TIMEOUT_MS; now() < end; ) {
    const server = createServer();
    const taken = await new Promise<boolean>((resolve) => {
      server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE'));
      server.listen(name, () => resolve(false));
    });
    if (!taken) return () => server.close();
    await wait(5);
  }
  return () => {};
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Null when `path` is free now; else the reason why it is not. */
async function removeDead(path: string): Promise<string | null> {
  const file = lstatSync(path, { throwIfNoEntry: false });
  if (!file) return null;
  if (!file.isSocket()) return 'a file that is not a socket is there';
  if (await isAlive(path)) return 'another process is listening on it';
  // Not one that another process has put there meanwhile.
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === file.ino) rmSync(path, { force: true });
  return null;
}
