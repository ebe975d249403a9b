// Processes of a machine as the host sees them.
import { readdirSync, readFileSync } from 'node:fs';
import type { Machine } from './machine.js';

/** Pids on the host of all in the cgroup of a unit, zombies left out. */
export function membersOf(machine: Pick<Machine, 'cgroup'>, unit: string): number[] {
  const folder = `/${machine.cgroup}/payload/system.slice/${unit}`;
  const isIn = (line: string) => {
    const path = line.split(':').slice(2).join(':');
    return path.endsWith(folder) || path.includes(`${folder}/`);
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/cgroup`).split('\n').some(isIn))
    .filter((pid) => !/^State:\t[ZX]/m.test(read(`/proc/${pid}/status`)))
    .map(Number);
}

/** Pid in the innermost namespace that the process is in. */
export function innerPid(hostPid: number): number {
  const [, pid] = /^NSpid:.*\t(\d+)$/m.exec(read(`/proc/${hostPid}/status`)) ?? [];
  return Number(pid ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Connections to a TCP port that nobody has accepted yet, proc(5). */
export function queued(machine: Machine, port: number): number {
  return listeners(machine, port)
    .map((row) => Number.parseInt(row[4]?.split(':')[1] ?? '0', 16))
    .reduce((sum, one) => sum + one, 0);
}

/** Inode of the socket that listens on a TCP port; undefined when nobody does. */
export function listens(machine: Machine, port: number): string | undefined {
  return listeners(machine, port)[0]?.[9];
}

/** Rows of the kernel's tables, proc(5). */
function listeners({ leader }: Machine, port: number): string[][] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['tcp', 'tcp6']
    .flatMap((table) => read(`/proc/${leader}/net/${table}`).split('\n'))
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(suffix));
}
