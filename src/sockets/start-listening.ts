// Makes given sockets listen before the first worker starts, for programs that expect it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StartError } from '../errors.js';
import { FIRST_FD } from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import type { NewSocket } from './held-socket.js';

const SHIM = inPackage('native-free-shims/start-listening.cjs');

/**
 * Listens on `sockets` without ever accepting; costs about one start of Node. Leaves them in blocking mode, as systemd
 * passes them (NonBlocking=no): many languages expect that of an inherited socket. Throws StartError.
 */
export async function startListening(sockets: readonly NewSocket[]): Promise<void> {
  if (sockets.length === 0) return;
  const fds = sockets.map((socket) => socket.fd);
  const args = sockets.map((socket, i) => `${FIRST_FD + i}:${socket.backlog}`);
  await run(process.execPath, [SHIM, ...args], ['ignore', 'ignore', 'ignore', ...fds]);
  // At positions 0 to 2 libuv clears O_NONBLOCK, for all processes that share the socket (uv__process_child_init).
  for (const fd of fds) await run('/bin/sh', ['-c', ':'], [fd, 'ignore', 'ignore']);
}

async function run(file: string, args: string[], stdio: (number | 'ignore')[]): Promise<void> {
  const child = spawn(file, args, { stdio, env: {} });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new StartError('cannot make the sockets listen');
}
