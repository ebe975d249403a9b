// Who is there: children of a process, and processes by a mark in their environment. Reads /proc.
import { readdirSync } from 'node:fs';
import { parseStat, type Stat } from './parse.js';
import { read } from './read.js';

/** Pids of the processes whose parent it is at this moment; zombies are dead and do not count. */
export function childrenOf(pid: number): number[] {
  return livingProcesses()
    .filter(({ parent }) => parent === pid)
    .map((one) => one.pid);
}

/** What a process starts inherits its environment, also what leaves its group and loses its parent. */
export function markedWith(mark: string): number[] {
  return livingProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => `\0${read(`${pid}/environ`)}`.includes(`\0${mark}\0`));
}

/** Its words; none when it is gone. */
export function commandOf(pid: number): string[] {
  return read(`${pid}/cmdline`).split('\0').slice(0, -1);
}

function livingProcesses(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => parseStat(read(`${pid}/stat`)) ?? [])
    .filter(({ state }) => state !== 'Z' && state !== 'X');
}
