// Watches all of a directory that is not ignored, new directories included.
import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now } from '../monotonic.js';
import type { Eyes } from './eyes.js';
import { isUnfinished, type Look, look } from './look.js';
import type { Rules } from './rules.js';
import { isWithin } from './within.js';

/** Reading a large tree goes in slices, so that the master can answer in between. */
const SLICE_MS = 10;
const RULES = '.gitignore';

export interface Tree {
  /** Something happened in a directory; see Happened. */
  happened(directory: string, name: string | null): void;
  /** What is ignored, or the way to the root, changed: looks at everything anew. */
  refresh(): void;
  /** The files, as they looked last. */
  known(): Iterable<readonly [string, Look]>;
  holds(directory: string): boolean;
  /** Resolves when all that there was at the start is watched. */
  readonly settled: Promise<void>;
  close(): void;
}

export interface TreeOptions {
  /** Its coming and going is watched by others; they call refresh. */
  readonly root: string;
  readonly rules: Rules;
  /** Whether links to directories are followed. */
  readonly followLinks: boolean;
  saw(path: string, unfinished: boolean): void;
  /** A directory that this tree has no use for any more. */
  forget(directory: string): void;
}

export function watchTree(eyes: Eyes, options: TreeOptions): Tree {
  const { root, rules, followLinks, saw, forget } = options;
  const looks = new Map<string, Look>();
  /** The .gitignore files: a change of one is no change of the program. */
  const ruleLooks = new Map<string, Look>();
  /** What is watched, and what tells it from another directory in its place. */
  const directories = new Map<string, string>();
  /** By what tells a directory its path: one that links name twice, or a circle, is entered once. */
  const entered = new Map<string, string>();
  /** What changed after this is news, though it be watched only a moment later. */
  const start = Date.now() + 1;
  let closed = false;

  function check(path: string, named: boolean): void {
    const was = looks.get(path);
    const is = look(path);
    if (is.kind === 'nothing') looks.delete(path);
    else looks.set(path, is);
    if (is.mark === (was?.mark ?? '') && !(named && is.coarse)) return;
    saw(path, isUnfinished(is));
  }

  /** Takes in a directory and all below it, a step each; `meet` gets the files. */
  function* enter(from: string, meet: (path: string) => void): Generator<void> {
    const ahead = [from];
    for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
      const { kind, mark } = look(at);
      const other = entered.get(mark) ?? at;
      if (kind !== 'directory' || (other !== at && look(other).mark === mark)) continue;
      directories.set(at, mark);
      entered.set(mark, at);
      // First watch, then look: nothing gets in between.
      eyes.watch(at, true);
      const entries = entriesOf(at);
      if (entries.some(({ name }) => name === RULES)) readRules(at);
      for (const entry of entries) {
        const path = join(at, entry.name);
        if (!isBranch(entry, path)) {
          if (entry.name !== RULES && !rules.ignores(path, false)) meet(path);
        } else if (!rules.ignores(path, true)) {
          // Links last: what can be watched by its own name is.
          if (entry.isSymbolicLink()) ahead.unshift(path);
          else ahead.push(path);
        }
      }
      yield;
    }
  }

  function isBranch(entry: Dirent | Stats, path: string): boolean {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    return followLinks && look(path).kind === 'directory';
  }

  function readRules(directory: string): boolean {
    const file = join(directory, RULES);
    ruleLooks.set(file, look(file));
    return rules.read(directory);
  }

  /** Takes in what is below `directory` at once, and lets go of what was there. */
  function enterAnew(directory: string, meet: (path: string) => void): void {
    const before = [...directories.keys()].filter((one) => isWithin(one, directory));
    for (const one of before) drop(one);
    const met = new Set<string>();
    const walk = enter(directory, (path) => {
      met.add(path);
      meet(path);
    });
    for (const _ of walk);
    for (const one of before) if (!directories.has(one)) forget(one);
    for (const path of [...looks.keys()]) {
      if (!isWithin(path, directory) || met.has(path)) continue;
      // Either it is gone, or it is ignored by now.
      if (look(path).kind === 'nothing') check(path, false);
      else looks.delete(path);
    }
  }

  function drop(directory: string): void {
    const mark = directories.get(directory);
    if (mark !== undefined && entered.get(mark) === directory) entered.delete(mark);
    directories.delete(directory);
  }

  /** Something may have happened to this entry of a watched directory. */
  function update(path: string): void {
    const isDirectory = isBranchNow(path);
    if (rules.ignores(path, isDirectory)) return;
    if (isDirectory && directories.get(path) === look(path).mark) return;
    if (isDirectory || directories.has(path)) enterAnew(path, (one) => check(one, false));
    if (!isDirectory) check(path, true);
  }

  function isBranchNow(path: string): boolean {
    try {
      const entry = lstatSync(path, { throwIfNoEntry: false });
      return entry !== undefined && isBranch(entry, path);
    } catch {
      return false;
    }
  }

  function refresh(): void {
    enterAnew(root, (path) => {
      if (looks.has(path)) check(path, false);
      else looks.set(path, look(path));
    });
  }

  async function enterFirst(): Promise<void> {
    let sliceEnd = now() + SLICE_MS;
    const walk = enter(root, (path) => {
      const is = look(path);
      looks.set(path, is);
      if (is.changed > start) saw(path, isUnfinished(is));
    });
    for (const _ of walk) {
      if (now() < sliceEnd) continue;
      await nextTurn();
      if (closed) return;
      sliceEnd = now() + SLICE_MS;
    }
  }

  for (const directory of rules.above) {
    eyes.watch(directory, false);
    ruleLooks.set(join(directory, RULES), look(join(directory, RULES)));
  }

  return {
    settled: enterFirst(),
    refresh,
    happened(directory, name) {
      if (name === RULES && ruleLooks.has(join(directory, name))) {
        if (readRules(directory)) refresh();
      } else if (!directories.has(directory)) {
        return;
      } else if (name === null || name === basename(directory)) {
        enterAnew(directory, (path) => check(path, false));
      } else if (name === RULES) {
        if (readRules(directory)) refresh();
      } else {
        update(join(directory, name));
      }
    },
    holds: (directory) => directories.has(directory),
    *known() {
      yield* looks;
      yield* ruleLooks;
    },
    close() {
      closed = true;
    },
  };
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
