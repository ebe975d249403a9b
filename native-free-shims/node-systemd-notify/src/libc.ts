// A few calls of libc through node:ffi (Node 26, experimental). Null wherever anything about it is not as
// expected: then the next way is taken.
import { closeSync } from 'node:fs';
import { endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { builtin } from './node-internals.js';

export interface Libc {
  /** A non-blocking unix datagram socket with close-on-exec. Throws with the name of the errno. */
  socket(): number;
  /** Throws with the name of the errno. */
  bind(fd: number, address: Uint8Array): void;
  /** One datagram, without waiting. Null, or the name of the errno. */
  send(fd: number, address: Uint8Array, text: string, passed: number | null): string | null;
}

/** include/uapi/linux: the same on all the architectures below. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** The layouts below are those of 64-bit little endian. */
const ARCHITECTURES = ['x64', 'arm64', 'riscv64', 'loong64', 'ppc64'];

type Native = (...args: unknown[]) => number | bigint;
interface Ffi {
  dlopen(path: null, definitions: object): { readonly functions: Record<string, Native> };
  getInt32(pointer: unknown, offset?: number): number;
  getRawPointer(source: Uint8Array): bigint;
}

/** Both spellings that there were: of Node 26.1, and the present one. */
const signature = (result: string, ...args: string[]) => ({
  arguments: args,
  parameters: args,
  return: result,
  result,
});

let loaded: Libc | null | undefined;

export function libc(): Libc | null {
  if (loaded === undefined) {
    try {
      loaded = load();
    } catch {
      loaded = null;
    }
  }
  return loaded;
}

function load(): Libc | null {
  if (!ARCHITECTURES.includes(process.arch) || endianness() !== 'LE') return null;
  const ffi = builtin('node:ffi') as Ffi | null;
  if (!ffi) return null;
  const { functions: c } = ffi.dlopen(null, {
    getpid: signature('int32'),
    socket: signature('int32', 'int32', 'int32', 'int32'),
    bind: signature('int32', 'int32', 'buffer', 'uint32'),
    sendmsg: signature('int64', 'int32', 'buffer', 'int32'),
    __errno_location: signature('pointer'),
  });
  const { getpid, socket, bind, sendmsg, __errno_location: errnoLocation } = c;
  if (!getpid || !socket || !bind || !sendmsg || !errnoLocation) return null;
  const errno = () => getSystemErrorName(-ffi.getInt32(errnoLocation(), 0));

  const calls: Libc = {
    socket() {
      const fd = Number(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (fd < 0) throw new Error(`socket: ${errno()}`);
      return fd;
    },
    bind(fd, address) {
      if (Number(bind(fd, address, address.length)) < 0) throw new Error(`bind: ${errno()}`);
    },
    send(fd, address, text, passed) {
      const parts = layOut(ffi, address, text, passed);
      for (;;) {
        const sent = Number(sendmsg(fd, parts.header, MSG_DONTWAIT | MSG_NOSIGNAL));
        const problem = sent < 0 ? errno() : null;
        // The header refers to the others by bare addresses; here they are still alive.
        if (problem !== 'EINTR' && parts.all.length > 0) return problem;
      }
    },
  };
  // What can be seen to work, does: the rest follows the same signatures.
  if (Number(getpid()) !== process.pid) return null;
  closeSync(calls.socket());
  return calls;
}

/** struct msghdr with struct iovec and, for a descriptor, struct cmsghdr; see recvmsg(2), cmsg(3). */
function layOut(ffi: Ffi, address: Uint8Array, text: string, passed: number | null) {
  const name = fixed(address);
  const payload = fixed(Buffer.from(text));
  const vector = fixed(16);
  vector.writeBigUInt64LE(ffi.getRawPointer(payload), 0);
  vector.writeBigUInt64LE(BigInt(payload.length), 8);
  const control = fixed(24);
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  control.writeInt32LE(passed ?? -1, 16);
  const header = fixed(56);
  header.writeBigUInt64LE(ffi.getRawPointer(name), 0);
  header.writeUInt32LE(name.length, 8);
  header.writeBigUInt64LE(ffi.getRawPointer(vector), 16);
  header.writeBigUInt64LE(1n, 24);
  if (passed !== null) {
    header.writeBigUInt64LE(ffi.getRawPointer(control), 32);
    header.writeBigUInt64LE(BigInt(control.length), 40);
  }
  return { header, all: [name, payload, vector, control] };
}

/** Memory of its own outside the heap, which the collector of garbage does not move. */
function fixed(content: number | Uint8Array): Buffer {
  const buffer = Buffer.from(
    new ArrayBuffer(typeof content === 'number' ? content : content.length),
  );
  if (typeof content !== 'number') buffer.set(content);
  return buffer;
}
