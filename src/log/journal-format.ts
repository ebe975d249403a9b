// Formats log entries for the journal of systemd, and finds out whether a descriptor is connected to it.
import { fstatSync } from 'node:fs';

/** For each pino level from this number on, the priority of syslog(3), by which `journalctl -p` filters. */
const PRIORITIES: readonly [number, number][] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
];
const DEBUG = 7;

/**
 * True if the descriptor is the stream that JOURNAL_STREAM names. The variable alone is no proof: children whose output goes
 * elsewhere inherit it as well, systemd.exec(5).
 */
export function isJournal(fd: number, env: NodeJS.ProcessEnv): boolean {
  const [, device, inode] = /^(\d+):(\d+)$/.exec(env.JOURNAL_STREAM ?? '') ?? [];
  if (device === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return dev === BigInt(device) && ino === BigInt(inode ?? 0);
  } catch {
    return false;
  }
}

/** Puts a priority such as `<3>` before each line, because the journal makes an entry of each line, sd-daemon(3). */
export function withPriority(text: string, level: number): string {
  const priority = PRIORITIES.find(([least]) => level >= least)?.[1] ?? DEBUG;
  return text.replace(/^/gm, `<${priority}>`);
}

interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly census?: string;
  /** The worker that sent a warning. */
  readonly workerId?: number;
  readonly err?: { readonly stack?: string; readonly message?: string };
}

/** A destination for pino that writes each entry as text. The journal adds time and pid itself. */
export function journalStream(write: (text: string) => void): { write(line: string): void } {
  return { write: (line) => write(`${entryText(line)}\n`) };
}

function entryText(line: string): string {
  const { level, msg, census, err, workerId } = JSON.parse(line) as Entry;
  const subject = workerId === undefined ? '' : `worker #${workerId}: `;
  const parts = [
    `${subject}${msg}${census === undefined ? '' : ` | ${census}`}`,
    err?.stack ?? err?.message,
  ];
  const text = parts.filter((part) => part !== undefined).join('\n');
  return withPriority(text.trimEnd(), level);
}
