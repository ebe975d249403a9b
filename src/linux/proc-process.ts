// Reads the directories of processes in /proc, see proc_pid_stat(5).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** The process group. */
  readonly group: number;
}

/** The pids of all processes, as /proc lists them. Throws the error of readdir(3). */
export function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/**
 * The fields of a line of /proc/<pid>/stat after the name: state, ppid, pgrp, session, tty_nr, tpgid and more. The name,
 * in parentheses, may contain any character.
 */
export function parseStat(line: string): string[] {
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}

/** Null for a process that has ended, also for a zombie, which only its parent can remove. */
export function readProcess(pid: number): ProcessRow | null {
  try {
    const [state, parent, group] = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    if (state === 'Z' || state === 'X') return null;
    return { pid, parent: Number(parent), group: Number(group) };
  } catch {
    return null;
  }
}

/** True if the environment with which the process was started contains `variable`, a `NAME=value`. */
export function hasVariable(pid: number, variable: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${variable}\0`);
  } catch {
    return false;
  }
}

/** The inode of a socket, by which /proc/net lists it. Null if the descriptor is closed, not a socket, or hidden. */
export function socketInode(fd: number | string, pid: number | 'self' = 'self'): number | null {
  try {
    const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
    return link.startsWith('socket:[') ? Number(link.slice('socket:['.length, -1)) : null;
  } catch {
    return null;
  }
}
