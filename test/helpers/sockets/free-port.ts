// A port that is free on every address, and stays so for the server under test.
import net from 'node:net';
import type { TestContext } from 'node:test';

/** Node's own handle: the only way to bind here without listening. */
interface Handle {
  getsockname(out: { port?: number }): number;
  close(): void;
}

export interface HeldPort {
  readonly port: number;
  release(): void;
}

/**
 * Held by a socket that is bound and does not listen: the kernel gives the port to nobody who asks for any,
 * and still to who asks for this one (SO_REUSEADDR, socket(7), which libuv sets).
 */
export function holdPort(): HeldPort {
  const { _createServerHandle: create } = net as unknown as {
    _createServerHandle(host: string, port: number, family: number): Handle | number;
  };
  const handle = create('127.0.0.1', 0, 4);
  if (typeof handle === 'number') throw new Error(`no free port: error ${handle}`);
  const out: { port?: number } = {};
  handle.getsockname(out);
  return { port: out.port ?? 0, release: () => handle.close() };
}

export function freePort(t: TestContext): number {
  const { port, release } = holdPort();
  t.after(release);
  return port;
}
