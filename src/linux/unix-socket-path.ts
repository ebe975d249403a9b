// Claims and releases the path of a unix socket, safely against others who want the same one. The files are touched
// in a matter of microseconds: the way through the thread pool would take longer, and its threads much memory.

import { constants, linkSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { now } from './monotonic-clock.js';

/** sun_path of unix(7) less its NUL; Node up to 22 cuts a longer name off without a word. */
const LONGEST_PATH = 107;
const LONGEST_LOCK_MS = 2000;

export type Claim =
  | { readonly ok: true; readonly inode: number }
  | { readonly ok: false; readonly why: string };

let names = 0;

/**
 * A name beside `path` under which the socket can be bound first, or null if the kernel would not take it.
 * No two are the same: /proc/net/unix goes on listing a socket by the name that was bound.
 */
export function temporaryNameFor(path: string): string | null {
  names += 1;
  const name = join(dirname(path), `.${process.pid}.${names}`);
  return [name, path].some((one) => Buffer.byteLength(one) > LONGEST_PATH) ? null : name;
}

/**
 * Gives the socket file `temporary` the name `path`; the temporary name is gone afterwards. The name of a
 * dead socket is taken over. Refused, with nothing changed: a socket on which somebody accepts, and a
 * file that is no socket. Two who try at the same moment: exactly one gets it.
 */
export async function claimPath(temporary: string, path: string): Promise<Claim> {
  const { ino } = lstatSync(temporary);
  const unlock = await lock(path);
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (tryLink(temporary, path)) return { ok: true, inode: ino };
      const why = await moveDeadAside(path);
      if (why !== null) return { ok: false, why };
    }
    return { ok: false, why: 'others keep creating it' };
  } finally {
    rmSync(temporary, { force: true });
    unlock();
  }
}

/** Removes `path` if it is still the file with this inode, and nobody else's by now. Never throws. */
export function releasePath(path: string, inode: number): void {
  try {
    if (lstatSync(path).ino === inode) rmSync(path, { force: true });
  } catch {
    // One that may not be removed is dead all the same: the next one takes it over.
  }
}

/** True when somebody accepts connections on `path`. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => done(true));
    // A full queue (EAGAIN) or a closed door (EACCES) is no sign of death.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      done(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

/**
 * Whoever moves a dead socket aside must be the only one: a second would move the new one of the first.
 * An abstract socket (unix(7)) is a lock that the kernel takes back from the dead. Without it, as after
 * somebody has held it for too long, the worst is that one of two loses a path it was promised.
 */
async function lock(path: string): Promise<() => void> {
  const { dev, ino } = statSync(dirname(path));
  const name = `\0graceful-run:${dev}:${ino}:${basename(path)}`.slice(0, 100);
  for (const end = now() + LONGEST_LOCK_MS; now() < end; ) {
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

/** Null when `path` is free now; else why it is not. */
async function moveDeadAside(path: string): Promise<string | null> {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (!before) return null;
  if ((before.mode & constants.S_IFMT) !== constants.S_IFSOCK)
    return 'a file that is no socket is there';
  if (await isAlive(path)) return 'another process is listening on it';
  names += 1;
  const aside = join(dirname(path), `.${process.pid}.${names}`);
  try {
    renameSync(path, aside);
  } catch {
    return null;
  }
  const moved = lstatSync(aside);
  // Somebody was quicker, and what we moved is his: give it back.
  if (moved.ino !== before.ino) tryLink(aside, path);
  rmSync(aside, { force: true });
  return null;
}
