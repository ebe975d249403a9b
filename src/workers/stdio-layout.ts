// Which descriptor of a worker is what.
import { openSync } from 'node:fs';
import { FIRST_FD } from '../ipc-protocol.js';

type Stdio = ('ignore' | 'inherit' | 'pipe' | 'ipc' | number)[];

let devNull: number | null = null;

/**
 * The sockets from FIRST_FD on, then the ready pipe, then the channel. Where a descriptor of the master would
 * leak through, /dev/null is put in its place. Output goes where that of the master goes, or into pipes.
 */
export function stdioOf(
  fds: readonly number[],
  readyPipe: boolean,
  leaked: readonly number[],
  outputPipes: boolean,
): Stdio {
  const output = outputPipes ? 'pipe' : 'inherit';
  const stdio: Stdio = ['ignore', output, output, ...fds];
  if (readyPipe) stdio.push('pipe');
  stdio.push('ipc');
  for (const fd of leaked) {
    if (fd < stdio.length) continue;
    devNull ??= openSync('/dev/null', 'r');
    while (stdio.length < fd) stdio.push('ignore');
    stdio.push(devNull);
  }
  return stdio;
}

/** Where the ready pipe is. */
export function readyFdOf(sockets: number): number {
  return FIRST_FD + sockets;
}
