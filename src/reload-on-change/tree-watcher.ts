// Watches all of a directory that is not ignored, new directories included.
import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now } from '../linux/monotonic-clock.js';
import { isWithin } from '../linux/paths.js';
import type { Eyes } from './directory-watcher.js';
import { isUnfinished, type Look, look } from './file-stamp.js';
import type { Rules } from './ignore-rules.js';

/** Reading a large tree goes in slices, so that the master can answer in between. */
const SLICE_MS = 10;
const RULES = '.gitignore';

export interface Tree {
  /** Something happened in a directory; see Happened. */
  happened(directory: string, name: string | null): void;
  /** What is ignored, or the way to the root, changed: looks at everything anew. */
  refresh(): void;
  holds(directory: string): boolean;
  /** Resolves when all that there was at the start was met: the eyes are on it, or about to be. */
  readonly settled: Promise<void>;
  /** Lets go of all that it had watched. */
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

/** A directory that is watched. */
interface Entered {
  /** What tells it from another directory in its place. */
  readonly mark: string;
  /** What was in it when it was read last. */
  readonly names: ReadonlySet<string>;
}

export function watchTree(eyes: Eyes, options: TreeOptions): Tree {
  const { root, rules, followLinks, saw, forget } = options;
  const looks = new Map<string, Look>();
  const directories = new Map<string, Entered>();
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
      entered.set(mark, at);
      // What happens before the watch begins is seen when it is ready.
      eyes.watch(at, true);
      const entries = entriesOf(at);
      const names = new Set(entries.map(({ name }) => name));
      directories.set(at, { mark, names });
      if (names.has(RULES)) rules.read(at);
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
    const one = directories.get(directory);
    if (one && entered.get(one.mark) === directory) entered.delete(one.mark);
    directories.delete(directory);
  }

  /** Something may have happened to this entry of a watched directory. */
  function update(path: string): void {
    const isDirectory = isBranchNow(path);
    if (rules.ignores(path, isDirectory)) return;
    if (isDirectory && directories.get(path)?.mark === look(path).mark) {
      return eyes.watch(path, true);
    }
    if (isDirectory || directories.has(path)) enterAnew(path, (one) => check(one, false));
    if (!isDirectory) check(path, true);
  }

  /** Anything directly in it may have changed since it was read. */
  function reread(directory: string, { mark, names }: Entered): void {
    if (look(directory).mark !== mark) return enterAnew(directory, (one) => check(one, false));
    const now = new Set(entriesOf(directory).map(({ name }) => name));
    directories.set(directory, { mark, names: now });
    if ((now.has(RULES) || names.has(RULES)) && rules.read(directory)) return refresh();
    for (const name of new Set([...names, ...now])) {
      if (name === RULES) continue;
      const path = join(directory, name);
      if (looks.has(path)) check(path, false);
      // What else was there is ignored, or the first walk has yet to come to it.
      else if (directories.has(path) || !names.has(name)) update(path);
    }
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

  for (const directory of rules.above) eyes.watch(directory, true);

  return {
    settled: enterFirst(),
    refresh,
    happened(directory, name) {
      const one = directories.get(directory);
      if (!one) {
        const isRules = rules.above.includes(directory) && (name ?? RULES) === RULES;
        if (isRules && rules.read(directory)) refresh();
      } else if (name === null) {
        reread(directory, one);
      } else if (name === basename(directory)) {
        enterAnew(directory, (path) => check(path, false));
      } else if (name === RULES) {
        if (rules.read(directory)) refresh();
      } else {
        update(join(directory, name));
      }
    },
    holds: (directory) => directories.has(directory),
    close() {
      closed = true;
      const all = [...directories.keys(), ...rules.above];
      directories.clear();
      for (const directory of all) forget(directory);
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
