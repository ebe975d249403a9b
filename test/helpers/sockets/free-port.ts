// A port that is free on every address, and stays so for the server under test.
import type { TestContext } from 'node:test';
import { bindPort } from '../../../src/sockets/node-handles.js';

/**
 * Held by a socket that is bound and does not listen: the kernel gives the port to nobody who asks for any,
 * and still to who asks for this one (SO_REUSEADDR, socket(7), which libuv sets).
 */
export function holdPort(): { readonly port: number; close(): void } {
  return bindPort('127.0.0.1', 0, false);
}

export function freePort(t: TestContext): number {
  const { port, close } = holdPort();
  t.after(close);
  return port;
}
