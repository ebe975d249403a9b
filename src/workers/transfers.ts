// How much a process has to do.
import { readFileSync } from 'node:fs';

/**
 * How many reads and writes a process has made since it began, proc_pid_io(5): those on sockets are among them,
 * and a request takes two at least. Null when there is no such process, or the kernel does not say.
 */
export function transfersOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/io`, 'latin1');
    const count = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1]);
    return count('syscr') + count('syscw');
  } catch {
    return null;
  }
}
