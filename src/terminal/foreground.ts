// Whether this process may use its terminal: only the foreground job may read from it or change its modes.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

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

/**
 * The terminal was closed: /dev/null takes the place of what is left of it. Node sets the modes of 0, 1 and 2 back
 * when it ends, and aborts if it cannot.
 */
export function forgetTerminal(terminals: readonly number[]): void {
  for (const fd of terminals) replace(fd);
}

/** Puts /dev/null in the place of a descriptor. */
export function replace(fd: number): void {
  closeSync(fd);
  // Always the lowest that is free, and `fd` is.
  let opened: number;
  do opened = openSync('/dev/null', 'r+');
  while (opened !== fd);
}

/** Which of the standard descriptors are terminals; of one that was closed it cannot be told any more. */
export function standardTerminals(): readonly number[] {
  return [0, 1, 2].filter((fd) => isatty(fd));
}
