// Whether this process may use its terminal: only the foreground job may read from it or change its modes.
import { readFileSync } from 'node:fs';

export type Place =
  | 'foreground'
  | 'background'
  /** There is none, or it was closed. */
  | 'no terminal';

export function placeOnTerminal(): Place {
  try {
    return placeIn(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return 'no terminal';
  }
}

/** From a line of /proc/<pid>/stat, see proc_pid_stat(5). */
export function placeIn(stat: string): Place {
  // The name of the program is in parentheses, and may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, , group, , terminal, foreground] = fields.map(Number);
  if (!terminal) return 'no terminal';
  return group === foreground ? 'foreground' : 'background';
}
