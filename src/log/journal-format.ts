// Formats log entries for the journal of systemd, and finds out whether a descriptor is connected to it.
import { fstatSync } from 'node:fs';

/**
 * True if the descriptor is the stream that JOURNAL_STREAM names. The variable alone is no proof: children whose output goes
 * elsewhere inherit it as well, systemd.exec(5).
 */
export function isJournal(fd: number, env: NodeJS.ProcessEnv): boolean {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return env.JOURNAL_STREAM === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/**
 * Puts a priority such as `<3>` before each line, because the journal makes an entry of each line, sd-daemon(3). By it
 * `journalctl -p` filters; `level` is one of pino, 50 an error.
 */
export function withPriority(text: string, level = 50): string {
  const priority = level >= 50 ? 3 : level >= 40 ? 4 : level >= 30 ? 6 : 7;
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
  return {
    write(line) {
      const { level, msg, census, err, workerId } = JSON.parse(line) as Entry;
      const subject = workerId === undefined ? '' : `worker #${workerId}: `;
      const workers = census === undefined ? '' : ` | ${census}`;
      const error = err === undefined ? '' : `\n${err.stack ?? err.message}`;
      write(`${withPriority(`${subject}${msg}${workers}${error}`.trimEnd(), level)}\n`);
    },
  };
}
