'use strict';
// Unix sockets that outlive the process which bound them. libuv removes the path when the handle that
// bound it is closed (uv_pipe_bind remembers the name), which would make a server unreachable as soon as
// its first worker retires. So the socket is bound under a temporary name and linked to the real one.

const fs = require('node:fs');
const net = require('node:net');
const { basename, dirname, join } = require('node:path');

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
  // The kernel takes 107 bytes (unix(7)); Node up to 22 cuts a longer name off without a word.
  if (Buffer.byteLength(temporary) > 107) return null;
  const handle = net._createServerHandle?.(temporary, -1, -1);
  if (!handle || typeof handle === 'number') return null;
  try {
    if (replace) fs.rmSync(full, { force: true });
    fs.linkSync(temporary, full);
    fs.rmSync(spare, { force: true });
    fs.linkSync(temporary, spare);
  } catch {
    handle.close();
    fs.rmSync(temporary, { force: true });
    return null;
  }
  // Not at once: `readableAll` and `writableAll` go by the name that was bound.
  process.nextTick(() => fs.rmSync(temporary, { force: true }));
  return { handle, spare };
}

/** Many servers unlink their path before they listen: give the socket its name back. */
function restore(socket, path) {
  if (!socket.spare) return;
  try {
    fs.linkSync(socket.spare, path);
  } catch {
    // It is there, as it should be, or it cannot be made; clients then see what they would have seen.
  }
}

module.exports = { bind, restore };
