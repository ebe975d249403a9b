// Which place this process has at its controlling terminal, see credentials(7) and proc_pid_stat(5).
import { readFileSync } from 'node:fs';
import { parseStat } from './proc-process.js';

export type JobState =
  /** The terminal belongs to the process group of this process. */
  | 'foreground'
  /** The kernel stops this process (SIGTTIN) when it reads from the terminal. */
  | 'background'
  /** The session has no terminal, or no longer has one because it was closed. */
  | 'no terminal';

/** `stat`: a line of /proc/<pid>/stat, by default the one of this process. */
export function jobState(stat = readFileSync('/proc/self/stat', 'utf8')): JobState {
  const [, , group, , terminal, foregroundGroup] = parseStat(stat);
  if (terminal === '0') return 'no terminal';
  return group === foregroundGroup ? 'foreground' : 'background';
}
