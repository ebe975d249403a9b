// Descriptors of the master that its workers would inherit: the parent of the master left them open, and Node marks
// only the first 16 as close-on-exec (uv_disable_stdio_inheritance of libuv). They may have a purpose in the master,
// such as a lock, and are therefore not closed.
import { readdirSync, readFileSync } from 'node:fs';

const FIRST_UNMARKED = 16;
/** O_CLOEXEC, which /proc/self/fdinfo shows in octal. */
const CLOSE_ON_EXEC = 0o2000000;

/** Their numbers, in ascending order. Empty if /proc cannot be read. */
export function inheritableFds(): number[] {
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
    // The descriptor with which the directory was read is closed by now.
    return true;
  }
}
