// Stops reload loops: an app that writes a watched file whenever it starts would cause one reload after another.
import { basename, relative } from 'node:path';
import { isWithin } from '../linux/paths.js';
import { describeFiles } from '../text/file-list.js';
import { quote } from '../text/shell-quote.js';
import { stampOf } from './file-stamp.js';
import { literal } from './ignore-rules.js';

/** For so long after it serves, an app may write files of its start; but what it loaded was written before. */
const AFTER_START_MS = 1000;
/** After changes in so many starts in a row, further reloads for the same files wait for a trial. */
const SUSPICIOUS_STARTS = 5;
/** A person who happened to save during all these starts goes on saving, or stops; an app writes in the next start again. */
const TRIAL_MS = 2000;

export interface ReloadLoopGuard {
  /** A worker of this generation is being spawned. */
  onStart(generation: number): void;
  /** The generation serves, or has failed. */
  onStarted(): void;
  /** Absolute paths. */
  onChange(files: readonly string[]): void;
  /** Nothing is passed on after this. */
  close(): void;
}

export interface ReloadLoopGuardOptions {
  readonly cwd: string;
  isLoaded(file: string): boolean;
  /** Absolute paths of changed files that are the reason for a reload. */
  reload(files: readonly string[]): void;
  /** One line: which files are ignored, and what to do. */
  onTrouble(text: string): void;
}

/**
 * Files that changed in five starts in a row, and again in the start after a pause in which nobody touched them, are
 * ignored during starts. Any other save is passed on, at the latest after 2 s.
 */
export function createReloadLoopGuard(options: ReloadLoopGuardOptions): ReloadLoopGuard {
  let generation = 0;
  /** Infinity while a generation starts. */
  let startedAt = Number.NEGATIVE_INFINITY;
  /** In how many starts in a row each file changed, and the last of these. */
  const counts = new Map<string, { readonly starts: number; readonly last: number }>();
  const held = new Set<string>();
  let tried = { generation: -1, files: new Set<string>() };
  const ignored = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function isOfStart(file: string): boolean {
    const at = stampOf(file).changedAt || Date.now();
    return at <= startedAt + (options.isLoaded(file) ? 0 : AFTER_START_MS);
  }

  function startsInARow(file: string): number {
    if (!isOfStart(file)) {
      counts.delete(file);
      return 0;
    }
    const { starts, last } = counts.get(file) ?? { starts: 0, last: generation - 1 };
    if (last === generation) return starts;
    const count = last === generation - 1 ? starts + 1 : 1;
    counts.set(file, { starts: count, last: generation });
    return count;
  }

  /** Whether the app writes the file when it starts, and has done so this time. */
  function isWritten(file: string): boolean {
    const isProven = tried.generation === generation - 1 && tried.files.has(file);
    return (isProven || ignored.has(file)) && isOfStart(file);
  }

  function pass(): void {
    const files = [...held];
    held.clear();
    options.reload(files);
  }

  function endTrial(): void {
    tried = { generation, files: new Set(held) };
    pass();
  }

  return {
    onStart(next) {
      if (next <= generation) return;
      generation = next;
      startedAt = Number.POSITIVE_INFINITY;
    },
    onStarted() {
      startedAt = Math.min(startedAt, Date.now());
    },
    onChange(files) {
      const written = files.filter(isWritten);
      const added = written.filter((file) => !ignored.has(file));
      for (const file of added) ignored.add(file);
      if (added.length > 0) options.onTrouble(adviceOn(added, options.cwd));
      const others = files.filter((file) => !written.includes(file));
      if (others.length === 0) return;
      for (const file of others) held.add(file);
      clearTimeout(timer);
      const isSuspicious = Math.min(...others.map(startsInARow)) > SUSPICIOUS_STARTS;
      if (isSuspicious) timer = setTimeout(endTrial, TRIAL_MS).unref();
      else pass();
    },
    close: () => clearTimeout(timer),
  };
}

function adviceOn(files: readonly string[], cwd: string): string {
  const names = describeFiles(files.map((file) => relative(cwd, file)));
  const flags = files.map((file) => `--watch-ignore ${quote(patternFor(file, cwd))}`).join(' ');
  return files.length === 1
    ? `${names} changes at every start and no longer causes a reload there; if the app writes it: ${flags}`
    : `${names} change at every start and no longer cause a reload there; if the app writes them: ${flags}`;
}

/** A pattern for this file; outside of the working directory for all files of its name. */
function patternFor(file: string, cwd: string): string {
  return isWithin(file, cwd) ? `/${literal(relative(cwd, file))}` : literal(basename(file));
}
