// A port that is free on every address, and stays so for the server under test.
import net from 'node:net';
import type { TestContext } from 'node:test';

/** Node's own handle: the only way to bind here without accepting. */
interface Handle {
  readonly fd: number;
  /** Not of a unix socket. */
  getsockname?(out: { port?: number }): number;
  close(): void;
}

export interface HeldPort {
  readonly port: number;
  release(): void;
}

/** Binds and does not listen. `family`: 4, 6, or -1 for the path of a unix socket. Throws if the address is taken. */
export function bind(address: string, family: 4 | 6 | -1): { handle: Handle; port: number } {
  const { _createServerHandle: create } = net as unknown as {
    _createServerHandle(address: string, port: number, family: number): Handle | number;
  };
  const handle = create(address, family === -1 ? -1 : 0, family);
  if (typeof handle === 'number') throw new Error(`cannot bind ${address}: error ${handle}`);
  const out: { port?: number } = {};
  handle.getsockname?.(out);
  return { handle, port: out.port ?? 0 };
}

/**
 * Held by a socket that is bound and does not listen: the kernel gives the port to nobody who asks for any,
 * and still to who asks for this one (SO_REUSEADDR, socket(7), which libuv sets).
 */
export function holdPort(): HeldPort {
  const { handle, port } = bind('127.0.0.1', 4);
  return { port, release: () => handle.close() };
}

export function freePort(t: TestContext): number {
  const { port, release } = holdPort();
  t.after(release);
  return port;
}
