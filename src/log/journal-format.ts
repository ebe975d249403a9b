// Whether what we write goes to the journal of systemd, and how a line says there how bad it is.
import { fstatSync } from 'node:fs';

/** Numbers of pino's levels, and the priorities of syslog(3) that journalctl knows: `-p err` and so on. */
const PRIORITIES: readonly [number, number][] = [
  [60, 2],
  [50, 3],
  [40, 4],
  [30, 6],
];
const DEBUG = 7;

/**
 * True when the descriptor is the journal's own stream. JOURNAL_STREAM by itself proves nothing: children
 * inherit it, also those whose output goes elsewhere, systemd.exec(5).
 */
export function isJournal(fd: number, env: NodeJS.ProcessEnv): boolean {
  const [, device, inode] = /^(\d+):(\d+)$/.exec(env.JOURNAL_STREAM ?? '') ?? [];
  if (device === undefined) return false;
  try {
    const found = fstatSync(fd, { bigint: true });
    return found.dev === BigInt(device) && found.ino === BigInt(inode ?? 0);
  } catch {
    return false;
  }
}

/** `<3>` before each line: the journal makes one entry of each, sd-daemon(3). */
export function withPriority(text: string, level: number): string {
  const priority = PRIORITIES.find(([least]) => level >= least)?.[1] ?? DEBUG;
  return text.replace(/^/gm, `<${priority}>`);
}

interface Entry {
  readonly level: number;
  readonly msg: string;
  readonly census?: string;
  /** Of a worker that complains. */
  readonly workerId?: number;
  readonly err?: { readonly stack?: string; readonly message?: string };
}

/** A destination for pino that hands each entry to `write` as the journal wants it: it has time and pid itself. */
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
