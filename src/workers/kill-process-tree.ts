// Kills a worker with all processes that it started, also those that left its process group. The only user of
// tree-kill.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hasVariable, listPids, type ProcessRow, readProcess } from '../linux/proc-process.js';

/** How often it looks again for processes that were forked while others were killed. */
const MAX_ROUNDS = 5;
const TREE_KILL_TIMEOUT_MS = 500;
/**
 * Files of /proc that are read in one turn of the event loop. Each takes microseconds; through the thread pool of
 * Node it would take a hundred times as long on a busy machine.
 */
const FILES_PER_TURN = 256;

/**
 * Sends SIGKILL to the process `pid`, its group, its descendants, and to processes that are no longer found that way
 * (new session, parent gone) but still carry `mark`: a `NAME=value` of the environment that only this worker has.
 * `pid` must have been started as the leader of its own group. Never rejects.
 */
export async function killTree(pid: number, mark: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const members = await membersOf(pid, mark).catch((): number[] => []);
    if (members.length === 0) return killLeftovers(pid);
    // tree-kill walks down from the root, so that it must run before the root is dead.
    if (round === 0 && members.includes(pid)) await treeKill(pid);
    killLeftovers(pid);
    for (const member of members) tryKill(member);
  }
}

/** Sends SIGKILL to what is left of the process group of a worker that has exited. */
export function killLeftovers(pid: number): void {
  tryKill(-pid);
}

async function membersOf(root: number, mark: string): Promise<number[]> {
  const rows: ProcessRow[] = [];
  const members = new Set<number>();
  for (const [i, pid] of listPids().entries()) {
    const row = readProcess(pid);
    if (row) rows.push(row);
    if (row && (pid === root || row.group === root || hasVariable(pid, mark))) members.add(pid);
    if (i % FILES_PER_TURN === FILES_PER_TURN - 1) await nextTurn();
  }
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const row of rows) if (members.has(row.parent)) members.add(row.pid);
  }
  members.delete(process.pid);
  return [...members];
}

/** tree-kill starts `ps`, and an absent `ps` would be an uncaught exception. It has no timeout of its own. */
async function treeKill(pid: number): Promise<void> {
  const directories = (process.env.PATH ?? '').split(delimiter);
  if (!directories.some((directory) => existsSync(join(directory, 'ps')))) return;
  const { default: kill } = await import('tree-kill');
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, TREE_KILL_TIMEOUT_MS);
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
    // It has exited, or belongs to another user.
  }
}
