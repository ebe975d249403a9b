// The descriptors of a worker: standard streams, sockets, ready pipe, IPC channel.
import { openSync } from 'node:fs';
import { FIRST_FD } from '../ipc-protocol.js';

type Stdio = ('ignore' | 'inherit' | 'pipe' | 'ipc' | number)[];

/** Opened once, at the first worker that needs it. */
let devNull: number | null = null;

/**
 * The `stdio` option for spawn(): the sockets `fds` from FIRST_FD on, then the ready pipe, then the IPC channel. The
 * worker gets /dev/null in place of each of the `inheritable` descriptors of the master. Its output goes to that of
 * the master, or into pipes.
 */
export function stdioOf(
  fds: readonly number[],
  readyPipe: boolean,
  inheritable: readonly number[],
  outputPipes: boolean,
): Stdio {
  const output = outputPipes ? 'pipe' : 'inherit';
  const stdio: Stdio = ['ignore', output, output, ...fds];
  if (readyPipe) stdio.push('pipe');
  stdio.push('ipc');
  for (const fd of inheritable) {
    if (fd < stdio.length) continue;
    devNull ??= openSync('/dev/null', 'r');
    while (stdio.length < fd) stdio.push('ignore');
    stdio.push(devNull);
  }
  return stdio;
}

/** The descriptor of the ready pipe in a worker with this number of sockets. */
export function readyFdOf(sockets: number): number {
  return FIRST_FD + sockets;
}
