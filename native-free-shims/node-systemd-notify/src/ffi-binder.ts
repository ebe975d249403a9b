// Receives unix datagrams in this process: node:ffi makes and binds the socket, and libuv reads it as if
// it were UDP, which it treats no differently. No room is offered for descriptors, so that the kernel
// closes those that come along: that is all a sender of BARRIER=1 waits for.
import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { Binder } from './datagram-receiver.js';
import { libc } from './libc.js';
import { binding } from './node-internals.js';
import { unixAddress } from './unix-address.js';

/** Null when this Node cannot. */
export function ffiBinder(failed: (error: Error) => void): Binder | null {
  const calls = libc();
  const udp = calls && binding('udp_wrap');
  if (!calls || !udp) return null;

  function bind(path: string, received: (datagram: Uint8Array) => void): () => void {
    const address = unixAddress(path);
    if (!calls || !udp || !address) throw new Error(`cannot bind ${path}: no address of a socket`);
    const handle = new udp.UDP();
    const fd = calls.socket();
    const fail = (why: string) => new Error(`cannot bind ${path}: ${why}`);
    try {
      calls.bind(fd, address);
      const status = handle.open(fd) ?? 0;
      if (status < 0) throw fail(getSystemErrorName(status));
    } catch (error) {
      closeSync(fd);
      throw error instanceof Error ? fail(error.message) : error;
    }
    // From here on the handle owns the descriptor.
    handle.onmessage = (size, _handle, buffer) => {
      if (size < 0) failed(new Error(`cannot read ${path}: ${getSystemErrorName(size)}`));
      // An empty datagram comes with whatever buffer there was.
      else received(buffer?.subarray(0, size) ?? new Uint8Array());
    };
    const status = handle.recvStart();
    if (status < 0) {
      handle.close();
      throw fail(getSystemErrorName(status));
    }
    handle.unref();
    return () => handle.close();
  }

  return {
    transport: 'ffi',
    bind: async (path, received) => bind(path, received),
    unable: () => null,
    close: async () => {},
  };
}
