// The descriptors of a worker: standard streams, sockets, ready pipe, IPC channel, and none that the master inherited.
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { FIRST_FD } from '../ipc-protocol.js';

type Stdio = ('ignore' | 'inherit' | 'pipe' | 'ipc' | number)[];

/** Node marks only the descriptors below as close-on-exec (uv_disable_stdio_inheritance of libuv). */
const FIRST_UNMARKED = 16;
/** O_CLOEXEC, which /proc/self/fdinfo shows in octal. */
const CLOSE_ON_EXEC = 0o2000000;

/** Both are found out at the first worker. */
let inheritable: readonly number[] | null = null;
let devNull: number | null = null;

/**
 * The `stdio` option for spawn(): the sockets `fds` from FIRST_FD on, then the ready pipe, then the IPC channel. The
 * worker gets /dev/null in place of each descriptor that it would inherit. Its output goes to that of the master, or
 * into pipes.
 */
export function stdioOf(fds: readonly number[], readyPipe: boolean, outputPipes: boolean): Stdio {
  const output = outputPipes ? 'pipe' : 'inherit';
  const stdio: Stdio = ['ignore', output, output, ...fds];
  if (readyPipe) stdio.push('pipe');
  stdio.push('ipc');
  inheritable ??= inheritableFds();
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

/**
 * Descriptors, in ascending order, that the parent of the master left open. They may have a purpose in the master, such
 * as a lock, and are therefore not closed. Empty if /proc cannot be read.
 */
function inheritableFds(): number[] {
  try {
    const open = readdirSync('/proc/self/fd').map(Number);
    return open.filter((fd) => fd >= FIRST_UNMARKED && !closesOnExec(fd)).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

function closesOnExec(fd: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    const flags = /^flags:\s+(\d+)$/m.exec(info)?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    // The descriptor with which the directory was read is closed by now.
    return true;
  }
}
