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
