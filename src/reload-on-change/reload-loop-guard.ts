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
export function createReloadLoopGuard(options: ReloadLoopGuardOptions) {
  let start = 0;
  /** Infinity while a generation starts. */
  let startedAt = Number.NEGATIVE_INFINITY;
  /** The starts in which each file changed, as long as there was one after the other. */
  const streaks = new Map<string, number[]>();
  const held = new Set<string>();
  let trial = { start: 0, files: new Set<string>() };
  const ignored = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function isOfStart(file: string): boolean {
    const at = stampOf(file).changedAt || Date.now();
    return at <= startedAt + (options.isLoaded(file) ? 0 : AFTER_START_MS);
  }

  function isSuspicious(file: string): boolean {
    const before = (streaks.get(file) ?? []).filter((nth) => nth < start);
    const starts = before.at(-1) === start - 1 ? [...before, start] : [start];
    streaks.set(file, isOfStart(file) ? starts : []);
    return isOfStart(file) && starts.length > SUSPICIOUS_STARTS;
  }

  /** Whether the app writes the file when it starts, and has done so this time. */
  function isWritten(file: string): boolean {
    const isProven = trial.start === start - 1 && trial.files.has(file);
    return (isProven || ignored.has(file)) && isOfStart(file);
  }

  function pass(): void {
    const files = [...held];
    held.clear();
    options.reload(files);
  }

  function beginTrial(): void {
    trial = { start, files: new Set(held) };
    pass();
  }

  return {
    /** The first worker of a new generation is being spawned. */
    onStart(): void {
      start += 1;
      startedAt = Number.POSITIVE_INFINITY;
    },
    /** That generation serves, or has failed. */
    onStarted(): void {
      startedAt = Math.min(startedAt, Date.now());
    },
    /** `files`: absolute paths. */
    onChange(files: readonly string[]): void {
      const written = files.filter(isWritten);
      const added = written.filter((file) => !ignored.has(file));
      for (const file of added) ignored.add(file);
      if (added.length > 0) options.onTrouble(adviceOn(added, options.cwd));
      const others = files.filter((file) => !written.includes(file));
      if (others.length === 0) return;
      for (const file of others) held.add(file);
      clearTimeout(timer);
      // Each of them is counted.
      const areSuspicious = others.map(isSuspicious).every(Boolean);
      if (areSuspicious) timer = setTimeout(beginTrial, TRIAL_MS).unref();
      else pass();
    },
  };
}

function adviceOn(files: readonly string[], cwd: string): string {
  const names = describeFiles(files.map((file) => relative(cwd, file)));
  const flags = files.map((file) => `--watch-ignore ${quote(patternFor(file, cwd))}`).join(' ');
  return `changes of ${names} at every start no longer cause a reload; if the app makes them: ${flags}`;
}

/** A pattern for this file; outside of the working directory for all files of its name. */
function patternFor(file: string, cwd: string): string {
  return isWithin(file, cwd) ? `/${literal(relative(cwd, file))}` : literal(basename(file));
}
