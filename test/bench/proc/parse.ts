// Reads the text of the files of a process in /proc, proc(5). Pure.

export interface Stat {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  /** User and system time of all threads, those that have ended as well, in clock ticks. */
  readonly ticks: number;
}

export interface Status {
  /** Resident memory, and what of it is private and not backed by a file, in bytes. A thread has its process's. */
  readonly rss: number;
  readonly rssAnon: number;
  /** Times that this thread was taken from a processor, of itself or not. */
  readonly contextSwitches: number;
}

const KIB = 1024;

/** `/proc/PID/stat`; null when the text is no such file. */
export function parseStat(text: string): Stat | null {
  // The name in parentheses may contain anything, parentheses too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent] = fields;
  const [user, system] = fields.slice(11, 13).map(Number);
  if (user === undefined || system === undefined) return null;
  return { pid: Number.parseInt(text, 10), state, parent: Number(parent), ticks: user + system };
}

/** `/proc/PID/task/TID/schedstat`: nanoseconds that this one thread has run; null when the text is no such file. */
export function parseSchedstat(text: string): number | null {
  const [, nanoseconds] = /^(\d+) \d+ \d+\s*$/.exec(text) ?? [];
  return nanoseconds === undefined ? null : Number(nanoseconds);
}

/** `/proc/PID/status`, or that of a thread; null when the text is no such file, or that of a zombie. */
export function parseStatus(text: string): Status | null {
  const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1]);
  const status = {
    rss: field('VmRSS') * KIB,
    rssAnon: field('RssAnon') * KIB,
    contextSwitches: field('voluntary_ctxt_switches') + field('nonvoluntary_ctxt_switches'),
  };
  return Object.values(status).some(Number.isNaN) ? null : status;
}
