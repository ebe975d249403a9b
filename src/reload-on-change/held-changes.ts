// Passes changes on; those that follow every start only after a while, with word of what to do about it.
import { basename, dirname, join, relative, sep } from 'node:path';
import { now } from '../linux/monotonic-clock.js';
import { describeFiles } from '../text/file-list.js';
import { quote } from '../text/shell-quote.js';
import { createEchoes } from './echoes.js';
import { patternFor } from './ignore-rules.js';
import { ANY } from './numbered-names.js';

/** Milliseconds within which a change is told: of a file that was empty for a moment after 150, see debounce.ts. */
const TOLD_WITHIN_MS = 200;
/** A delay in milliseconds that passes without another change: whoever writes it is no person who saves all the time. */
const CONVINCING_MS = 2000;
/** The same where it changed again: an app may write it twice, but a person does not do so start after start. */
const CONVINCING_AGAIN_MS = 4000;
/** Milliseconds by which another change is later than what belongs to one save. */
const AGAIN_MS = 300;
/** So many patterns are still pasted. */
const MOST_PATTERNS = 3;

export interface HeldChanges {
  /** A worker of it is being spawned. */
  began(generation: number): void;
  /** It serves, or has failed. */
  ended(): void;
  /** These files changed; absolute. */
  changed(files: readonly string[]): void;
  /** What is held is not passed on any more. */
  close(): void;
}

export interface HeldChangesOptions {
  readonly cwd: string;
  /** Milliseconds between two looks at a file, where the kernel is not asked; else 0. */
  readonly poll: number;
  /** Whether a worker loaded it. */
  isLoaded(file: string): boolean;
  /** The files as people call them. */
  pass(files: readonly string[]): void;
  /** One line: which files are waited for, and what to do. Said once for each. */
  trouble(text: string): void;
  /** Milliseconds; tests put another one in. */
  readonly clock?: () => number;
}

export function createHeldChanges(options: HeldChangesOptions): HeldChanges {
  const { cwd, poll, trouble, clock = now } = options;
  const echoes = createEchoes(options.isLoaded);
  const held = new Set<string>();
  const named = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let firstAt = 0;

  function pass(): void {
    const files = [...held].map((path) => shortest(path, cwd));
    held.clear();
    options.pass(files);
  }

  function passAfter(delay: number, lastAt: number): void {
    const isAgain = lastAt - firstAt > AGAIN_MS;
    if (delay >= (isAgain ? CONVINCING_AGAIN_MS : CONVINCING_MS)) warn();
    pass();
  }

  /** All that is held by now follows every start: for anything else nothing is held. */
  function warn(): void {
    const likenesses = [...new Set([...held].map(echoes.likenessOf))];
    if (likenesses.every((one) => named.has(one))) return;
    for (const one of likenesses) named.add(one);
    trouble(adviceOn(likenesses, cwd));
  }

  return {
    began: (generation) => echoes.began(generation, clock()),
    ended: () => echoes.ended(clock()),
    changed(files) {
      const at = clock();
      const delay = echoes.delayOf(files, at - TOLD_WITHIN_MS - poll);
      if (held.size === 0) firstAt = at;
      for (const file of files) held.add(file);
      clearTimeout(timer);
      // Each further change begins the wait anew: it goes on until the start has no more consequences.
      if (delay > 0) timer = setTimeout(passAfter, delay, delay, at).unref();
      else pass();
    },
    close: () => clearTimeout(timer),
  };
}

function adviceOn(paths: readonly string[], cwd: string): string {
  const names = paths.map((path) => shortest(path, cwd).replaceAll(ANY, '*'));
  const patterns = new Set(paths.map((path) => quote(patternFor(path, cwd, ANY))));
  const [change, them] = paths.length === 1 ? ['changes', 'it'] : ['change', 'them'];
  const cure =
    patterns.size > MOST_PATTERNS
      ? '--watch-ignore with a pattern that fits them all, or the directory that they are in'
      : [...patterns].map((one) => `--watch-ignore ${one}`).join(' ');
  return `${describeFiles(names)} ${change} at every start, which is now waited for; if the app writes ${them}: ${cure}`;
}

/** How a file is called: from the working directory, or with its own directory where it is far away. */
function shortest(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name.startsWith(`..${sep}..`) ? join(basename(dirname(path)), basename(path)) : name;
}
