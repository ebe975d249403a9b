// Unix sockets that outlive the process which bound them. libuv removes the path when it closes the handle that bound it
// (uv_pipe_bind remembers the name), and the server would be unreachable as soon as its first worker retires. So the
// socket is bound under a temporary name and linked to the real one.
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sparePathOf } from '../../src/sockets/spare-path.js';
import { bindPipe, type Handle } from './node-internals.js';

/** Modes of uv_pipe_chmod. */
const UV_READABLE = 1;
const UV_WRITABLE = 2;

/**
 * Binds the absolute path `path`; with `replace`, also if a dead socket file is there. Null if Node should try by
 * itself and report the error.
 */
export function bindUnixSocket(
  path: string,
  { replace }: { replace: boolean },
): { handle: Handle; sparePath: string } | null {
  if (path.startsWith('\0')) return null;
  const temporary = join(dirname(path), `.${process.pid}.${Date.now() % 1e6}`);
  const sparePath = sparePathOf(path);
  const handle = bindTemporary(temporary);
  if (!handle) return null;
  let linked = false;
  try {
    if (replace) fs.rmSync(path, { force: true });
    fs.linkSync(temporary, path);
    linked = true;
    fs.rmSync(sparePath, { force: true });
    fs.linkSync(temporary, sparePath);
  } catch {
    handle.close();
    if (linked) fs.rmSync(path, { force: true });
    return null;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  applyModeTo(handle, path);
  return { handle, sparePath };
}

/** The kernel takes only short names (unix(7)); through an open directory every name is short enough. */
function bindTemporary(temporary: string): Handle | null {
  let directory: number | null = null;
  try {
    directory = fs.openSync(dirname(temporary), 'r');
    return bindPipe(`/proc/self/fd/${directory}/${basename(temporary)}`);
  } catch {
    return null;
  } finally {
    if (directory !== null) fs.closeSync(directory);
  }
}

/**
 * Links the socket to `path` again: many servers unlink theirs before they listen, and a relative one is another path
 * in the directory of each release. Returns the spare path beside it; null if no name of the socket is left, so that no
 * client could reach it.
 */
export function restoreUnixSocket(sparePath: string, path: string): string | null {
  const next = sparePathOf(path);
  tryLink(sparePath, path);
  if (next !== sparePath) {
    fs.rmSync(next, { force: true });
    tryLink(sparePath, next);
  }
  return fs.existsSync(path) ? next : null;
}

/** For `readableAll` and `writableAll`: libuv would change the mode of the name that was bound, which is gone. */
export function applyModeTo(handle: Handle, path: string): void {
  handle.fchmod = (mode) => {
    const bits = (mode & UV_READABLE ? 0o444 : 0) | (mode & UV_WRITABLE ? 0o222 : 0);
    try {
      fs.chmodSync(path, (fs.statSync(path).mode & 0o777) | bits);
      return 0;
    } catch (error) {
      return (error as NodeJS.ErrnoException).errno ?? -1;
    }
  };
}

function tryLink(from: string, to: string): void {
  try {
    fs.linkSync(from, to);
  } catch {
    // It exists already, or it cannot be created.
  }
}
