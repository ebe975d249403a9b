'use strict';
// Unix sockets that outlive the process which bound them. libuv removes the path when the handle that
// bound it is closed (uv_pipe_bind remembers the name), which would make a server unreachable as soon as
// its first worker retires. So the socket is bound under a temporary name and linked to the real one.

const fs = require('node:fs');
const net = require('node:net');
const { basename, dirname, join } = require('node:path');

/** Modes of uv_pipe_chmod. */
const UV_READABLE = 1;
const UV_WRITABLE = 2;

/** A second name of the socket file, from which the first is made anew when somebody removed it. */
function spareOf(path) {
  return join(dirname(path), `.${basename(path)}.graceful-run`);
}

/**
 * Binds the absolute path `full`; with `replace`, also if a (stale) file is there.
 * Returns `{handle, spare}` or null, when Node had better try by itself and report the error.
 */
function bind(full, { replace }) {
  if (full.startsWith('\0')) return null;
  const temporary = join(dirname(full), `.${process.pid}.${Date.now() % 1e6}`);
  const spare = spareOf(full);
  const handle = bindTemporary(temporary);
  if (!handle) return null;
  let linked = false;
  try {
    if (replace) fs.rmSync(full, { force: true });
    fs.linkSync(temporary, full);
    linked = true;
    fs.rmSync(spare, { force: true });
    fs.linkSync(temporary, spare);
  } catch {
    handle.close();
    fs.rmSync(temporary, { force: true });
    if (linked) fs.rmSync(full, { force: true });
    return null;
  }
  fs.rmSync(temporary, { force: true });
  permit(handle, full);
  return { handle, spare };
}

/**
 * The kernel takes 107 bytes (unix(7)); Node up to 22 cuts a longer name off without a word. By way of an open
 * directory every name is short enough.
 */
function bindTemporary(temporary) {
  let directory = null;
  try {
    directory = fs.openSync(dirname(temporary), 'r');
    const short = `/proc/self/fd/${directory}/${basename(temporary)}`;
    const handle = net._createServerHandle?.(short, -1, -1);
    return typeof handle === 'number' ? null : handle;
  } catch {
    return null;
  } finally {
    if (directory !== null) fs.closeSync(directory);
  }
}

/**
 * Gives the socket the name `path` again: many servers unlink theirs before they listen, and a relative one
 * is another in the directory of each release. Returns the second name it has there now, or null if it can
 * get none: somebody removed all it had, and nobody could reach it any more.
 */
function restore(spare, path) {
  const next = spareOf(path);
  tryLink(spare, path);
  if (next !== spare) {
    fs.rmSync(next, { force: true });
    tryLink(spare, next);
  }
  return fs.existsSync(path) ? next : null;
}

/** For `readableAll` and `writableAll`: libuv would look for the name that was bound, and that is gone. */
function permit(handle, path) {
  handle.fchmod = (wanted) => {
    const bits = (wanted & UV_READABLE ? 0o444 : 0) | (wanted & UV_WRITABLE ? 0o222 : 0);
    try {
      fs.chmodSync(path, (fs.statSync(path).mode & 0o777) | bits);
      return 0;
    } catch ({ errno }) {
      return errno;
    }
  };
}

function tryLink(from, to) {
  try {
    fs.linkSync(from, to);
  } catch {
    // It is there, as it should be, or it cannot be made.
  }
}

module.exports = { bind, restore, permit };
