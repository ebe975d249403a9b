// Sockets as the master holds them, and the file that a dead server leaves.
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { bindGiven } from '../../../src/sockets/bind.js';
import type { HeldSocket, NewSocket } from '../../../src/sockets/held-socket.js';
import { parseListenSpec } from '../../../src/sockets/listen-spec.js';

/** A socket of `--listen web=:80`, but for `more`. */
export function heldSocket(more: Partial<HeldSocket> = {}): HeldSocket {
  return {
    ...{ id: 1, name: 'web', origin: 'given', fd: 9, host: '::', port: 80, path: null },
    ...{ sparePath: null, inode: null, appAddress: null, openedAs: null, isPrivate: false },
    ...{ storedAs: null, backlog: 511, close: null, ...more },
  };
}

/** Binds the socket of a `--listen`; it is closed when the test has ended. */
export async function bind(t: TestContext, spec: string, name = 'web'): Promise<NewSocket> {
  const socket = await bindGiven(parseListenSpec(spec), name);
  t.after(() => socket.close?.());
  return socket;
}

/** As a killed process leaves it: the file is there, and nobody listens. */
export async function leaveDeadSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.live`);
  await once(server, 'listening');
  renameSync(`${path}.live`, path);
  server.close();
  await once(server, 'close');
}
