// How much a process has to do.
import { readFileSync } from 'node:fs';

const READS = /^syscr: (\d+)$/m;
const WRITES = /^syscw: (\d+)$/m;

/**
 * How many reads and writes a process has made since it began, proc_pid_io(5): by read(2), write(2) and their like,
 * as Node does on sockets too, and not by recv(2) or send(2), nor in processes of its own. Null when there is no such
 * process, or the kernel does not say.
 */
export function transfersOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/io`, 'latin1');
    const [reads, writes] = [READS.exec(text)?.[1], WRITES.exec(text)?.[1]];
    return reads === undefined || writes === undefined ? null : Number(reads) + Number(writes);
  } catch {
    return null;
  }
}
