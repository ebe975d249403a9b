// Descriptors that somebody left open for the master, and that would reach its workers: Node marks only the
// first 16 as close-on-exec (libuv's uv_disable_stdio_inheritance). They may mean something to the master, a
// lock for instance, so they are not closed here.
import { readdirSync, readFileSync } from 'node:fs';

const FIRST_UNMARKED = 16;
/** O_CLOEXEC as /proc/self/fdinfo shows it, in octal. */
const CLOSE_ON_EXEC = 0o2000000;

/** Their numbers, in ascending order. */
export function leakedDescriptors(): number[] {
  try {
    const open = readdirSync('/proc/self/fd').map(Number);
    return open.filter((fd) => fd >= FIRST_UNMARKED && !closesOnExec(fd)).sort((a, b) => a - b);
  } catch {
    return [];
  }
}

function closesOnExec(fd: number): boolean {
  try {
    const [, flags = '0'] =
      /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    // The descriptor with which the directory was read.
    return true;
  }
}
