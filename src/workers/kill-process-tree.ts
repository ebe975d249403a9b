// Ends a worker with everything it started, also what left its process group. Only here is tree-kill used.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

/** Rounds of looking for processes that were forked while others were being killed. */
const ROUNDS = 5;
const TREE_KILL_LIMIT_MS = 500;
/**
 * Files of /proc read between two turns of the master's loop. A matter of microseconds each: on a busy machine
 * the way through the thread pool takes a hundred times as long.
 */
const FILES_A_TURN = 256;

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * SIGKILL to the process `pid`, its group, its descendants, and those of its descendants that hid from both
 * (new session, parent gone) but still carry `mark`, a `NAME=value` of its environment that no other process
 * has. `pid` must have been started as the leader of its own group. Never rejects.
 */
export async function killTree(pid: number, mark: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await membersOf(pid, mark).catch((): number[] => []);
    if (found.length === 0) return killLeftovers(pid);
    // tree-kill walks from the root, so it has to come before the root dies.
    if (round === 0 && found.includes(pid)) await treeKill(pid);
    killLeftovers(pid);
    for (const member of found) tryKill(member);
  }
}

/** SIGKILL to what is left of the group of a worker that has exited. */
export function killLeftovers(pid: number): void {
  tryKill(-pid);
}

async function membersOf(root: number, mark: string): Promise<number[]> {
  const rows = await readProcesses();
  const members = new Set(rows.filter((row) => row.pid === root).map((row) => row.pid));
  for (const row of rows) if (row.group === root) members.add(row.pid);
  for (const [i, row] of rows.entries()) {
    if (isMarked(row.pid, mark)) members.add(row.pid);
    if (i % FILES_A_TURN === FILES_A_TURN - 1) await turn();
  }
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const row of rows) if (members.has(row.parent)) members.add(row.pid);
  }
  members.delete(process.pid);
  return [...members];
}

/** What a worker starts inherits its environment. */
function isMarked(pid: number, mark: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${mark}\0`);
  } catch {
    return false;
  }
}

/** All processes but zombies: those are dead, and only their parent can remove them. */
async function readProcesses(): Promise<ProcessRow[]> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const rows: ProcessRow[] = [];
  for (const [i, pid] of pids.entries()) {
    const row = readProcess(pid);
    if (row) rows.push(row);
    if (i % FILES_A_TURN === FILES_A_TURN - 1) await turn();
  }
  return rows;
}

function readProcess(pid: string): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may contain anything; the fields behind it are state, ppid, pgrp, proc(5).
    const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    return { pid: Number(pid), parent: Number(parent), group: Number(group) };
  } catch {
    return null;
  }
}

/**
 * tree-kill starts `ps` and has no handler for its absence: that would be an uncaught exception here. Nor has
 * it a limit; what it has not done by then is done without it.
 */
async function treeKill(pid: number): Promise<void> {
  const directories = (process.env.PATH ?? '').split(delimiter);
  if (!directories.some((one) => existsSync(join(one, 'ps')))) return;
  const { default: kill } = await import('tree-kill');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, TREE_KILL_LIMIT_MS);
    kill(pid, 'SIGKILL', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or not ours to kill: nothing that could be done about either.
  }
}
