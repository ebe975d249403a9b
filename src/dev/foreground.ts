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
    return placeIn(statOf('self'));
  } catch {
    return 'no terminal';
  }
}

/**
 * Whether nobody could wake this process, were it stopped: above its process group there is no other one in its session, as
 * a shell with jobs would be. The kernel stops no orphan by SIGTSTP, see setpgid(2).
 */
export function isOrphan(read = statOf): boolean {
  try {
    const [, parent = 0, group, session] = fieldsOf(read('self'));
    let above = parent;
    while (above > 0) {
      const [, next = 0, itsGroup, itsSession] = fieldsOf(read(above));
      if (itsSession !== session) return true;
      if (itsGroup !== group) return false;
      above = next;
    }
    return true;
  } catch {
    return false;
  }
}

function statOf(pid: number | 'self'): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8');
}

/** From a line of /proc/<pid>/stat, see proc_pid_stat(5). */
export function placeIn(stat: string): Place {
  const [, , group, , terminal, foreground] = fieldsOf(stat);
  if (!terminal) return 'no terminal';
  return group === foreground ? 'foreground' : 'background';
}

/** Those behind the name of the program, which is in parentheses, and may hold spaces and parentheses. */
function fieldsOf(stat: string): number[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
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
