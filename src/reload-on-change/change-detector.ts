// Finds out what changed in watched directories, by comparing stamps. After any event in a directory it is scanned: the
// directory that is there now is watched first, and looked at then, so that no change falls in between.
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now } from '../linux/monotonic-clock.js';
import { directoriesOnTheWayTo } from '../linux/paths.js';
import type { DirectoryWatcher } from './directory-watcher.js';
import { type FileStamp, stampOf, stampOfEntry } from './file-stamp.js';
import { RULES_FILE } from './ignore-rules.js';
import type { Tree } from './tree.js';

/** Scanning goes in slices, so that the master can answer in between. */
const SLICE_MS = 10;

export interface ChangeDetector {
  /** Something happened; see OnDirectoryEvent. */
  onEvent(directory: string, name: string | null): void;
  /** Whether files in `directory` count; other directories are watched only to notice that one in them was replaced. */
  isNeeded(directory: string): boolean;
  /** Watches one path, whether it exists or not. */
  addPath(path: string): void;
  /** Watches all of a tree. Files in it that changed after `since` (milliseconds since 1970) are reported at once. */
  addTree(tree: Tree, since: number): void;
  removeTree(tree: Tree): void;
  /** The way to the root of the tree, or what is ignored in it, changed. */
  refreshTree(tree: Tree): void;
  /** Resolves when all that was added has been scanned. */
  idle(): Promise<void>;
  close(): void;
}

/** A directory that is watched. */
interface Directory {
  /** What tells it from another one in its place; '' when none was there at the last scan. */
  mark: string;
  /** The entries that count. */
  readonly stamps: Map<string, FileStamp>;
  /** Names of the entries that were added one by one. */
  readonly paths: Set<string>;
  /** Names of the directories in it that are watched too. */
  readonly children: Set<string>;
  /** The trees of which it is a part. */
  trees: ReadonlySet<Tree>;
}

/** Of directories below one of `tops` the whole way is watched, of others only the directory and the one above it. */
export function createChangeDetector(
  watcher: DirectoryWatcher,
  tops: readonly string[],
  onChange: (path: string, isUnfinished: boolean) => void,
): ChangeDetector {
  const directories = new Map<string, Directory>();
  /** Directories to scan, with the time since which a file that was not known before is a change. */
  const pending = new Map<string, number>();
  let scanning: Promise<void> | null = null;

  function schedule(path: string, since = Number.NEGATIVE_INFINITY): void {
    pending.set(path, Math.max(pending.get(path) ?? since, since));
    scanning ??= scanPending();
  }

  async function scanPending(): Promise<void> {
    await nextTurn();
    let sliceEnd = now() + SLICE_MS;
    for (const [path, since] of pending) {
      pending.delete(path);
      scan(path, since);
      if (now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = now() + SLICE_MS;
    }
    scanning = null;
  }

  /** A directory that was not watched before has to be scheduled. */
  function enter(path: string): Directory {
    const known = directories.get(path);
    if (known) return known;
    const entered: Directory = {
      mark: '',
      stamps: new Map(),
      paths: new Set(),
      children: new Set(),
      trees: new Set(),
    };
    directories.set(path, entered);
    directories.get(dirname(path))?.children.add(basename(path));
    return entered;
  }

  function leaveIfUnused(path: string): void {
    const { paths, children, trees } = directories.get(path) ?? {};
    if (paths?.size || children?.size || trees?.size || !directories.delete(path)) return;
    watcher.unwatch(path);
    const parent = dirname(path);
    if (directories.get(parent)?.children.delete(basename(path))) leaveIfUnused(parent);
  }

  function scan(path: string, since: number): void {
    const directory = directories.get(path);
    if (!directory) return;
    begin(path, directory);
    const links = directory.trees.size > 0 ? entriesOf(path) : new Map<string, boolean>();
    const changed = [...directory.trees].filter((tree) => tree.rules.read(path));
    for (const tree of changed) refreshTree(tree);
    const newSince = changed.length > 0 ? Date.now() : since;
    const names = [...links.keys(), ...directory.stamps.keys(), ...directory.children];
    for (const name of new Set(names)) {
      const entry = join(path, name);
      const stamp = stampOf(entry);
      const isEntered = checkDirectory(directory, entry, stamp, links.get(name) ?? false, newSince);
      checkEntry(directory, entry, stamp, isEntered, newSince);
    }
    leaveIfUnused(path);
  }

  /** Watches the directory that is there now. */
  function begin(path: string, directory: Directory): void {
    const { kind, mark } = stampOf(path);
    directory.mark = kind === 'directory' ? mark : '';
    watcher.watch(path, directory.mark);
    for (const tree of directory.trees) tree.claim(path, directory.mark);
  }

  /** Schedules the directory that this entry is, or was, if it may not be watched as it should; tells whether it is in a tree. */
  function checkDirectory(
    parent: Directory,
    path: string,
    stamp: FileStamp,
    isLink: boolean,
    since: number,
  ): boolean {
    const trees = [...parent.trees].filter((tree) => tree.entersDirectory(path, stamp, isLink));
    const child = trees.length > 0 ? enter(path) : directories.get(path);
    if (!child) return false;
    for (const tree of child.trees) {
      if (tree.beginsAt(path) && !trees.includes(tree)) trees.push(tree);
    }
    const before = child.trees;
    const isSame = trees.length === before.size && trees.every((tree) => before.has(tree));
    child.trees = new Set(trees);
    const mark = stamp.kind === 'directory' ? stamp.mark : '';
    if (!isSame || child.mark !== mark) schedule(path, since);
    return trees.length > 0;
  }

  function checkEntry(
    { stamps, paths, trees }: Directory,
    path: string,
    followed: FileStamp,
    isEntered: boolean,
    since: number,
  ): void {
    const name = basename(path);
    const before = stamps.get(name);
    const isAdded = paths.has(name);
    const stamp = isAdded ? stampOfEntry(path) : followed;
    const exists = stamp.kind !== 'nothing';
    const counts = isAdded || (!isEntered && [...trees].some((tree) => tree.hasEntry(path, false)));
    if (isAdded || (counts && exists)) {
      stamps.set(name, stamp);
      watcher.watchEntry(path);
    } else if (before) {
      stamps.delete(name);
      watcher.unwatchEntry(path);
    }
    const isChanged = before ? before.mark !== stamp.mark : exists && stamp.changedAt > since;
    const isReported = isAdded || (name !== RULES_FILE && (counts || !exists));
    if (isChanged && isReported) onChange(path, stamp.isUnfinished);
  }

  function refreshTree(tree: Tree): void {
    const since = Date.now();
    for (const [path, { trees }] of directories) if (trees.has(tree)) schedule(path, since);
  }

  return {
    refreshTree,
    onEvent(path, name) {
      const directory = directories.get(path);
      const entry = join(path, name ?? '.');
      if (entry !== path && directories.has(entry)) schedule(entry);
      if (!directory) return;
      const stamp = directory.stamps.get(name ?? '');
      if (name && stamp?.isCoarse) directory.stamps.set(name, { ...stamp, mark: 'unknown' });
      const isKnown = name === null || name === basename(path) || directories.has(entry);
      const isOfTree = (tree: Tree) => tree.hasEntry(entry, false) || tree.hasEntry(entry, true);
      if (isKnown || stamp || [...directory.trees].some(isOfTree)) schedule(path);
    },
    isNeeded(path) {
      const { trees, stamps, paths } = directories.get(path) ?? {};
      const isFile = (name: string) => stamps?.get(name)?.kind !== 'directory';
      return (trees?.size ?? 0) > 0 || [...(paths ?? [])].some(isFile);
    },
    addPath(path) {
      const parent = dirname(path);
      const name = basename(path);
      const known = directories.get(parent);
      if (known?.paths.has(name)) return;
      const stamp = known?.stamps.get(name) ?? stampOfEntry(path);
      // To see that a directory was replaced, the one above it needs no way of its own.
      const isWatched = known && (known.paths.size > 0 || stamp.kind === 'directory');
      const way = isWatched ? [] : directoriesOnTheWayTo(parent, tops);
      for (const one of way) enter(one);
      const directory = enter(parent);
      directory.stamps.set(name, stamp);
      directory.paths.add(name);
      watcher.watchEntry(path);
      for (const one of way) {
        begin(one, enter(one));
        schedule(one);
      }
    },
    addTree(tree, since) {
      for (const path of [...tree.rules.above, tree.root]) {
        const directory = enter(path);
        directory.trees = new Set([...directory.trees, tree]);
        schedule(path, since);
      }
    },
    removeTree(tree) {
      const since = Date.now();
      for (const [path, directory] of directories) {
        if (!directory.trees.has(tree)) continue;
        directory.trees = new Set([...directory.trees].filter((one) => one !== tree));
        schedule(path, since);
      }
    },
    async idle() {
      await scanning;
    },
    close() {
      pending.clear();
      directories.clear();
    },
  };
}

/** Names of the entries, and whether each is a link. Links are last: a directory is entered by its own name if it can be. */
function entriesOf(path: string): Map<string, boolean> {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    const isLink = entries.map((entry): [string, boolean] => [entry.name, entry.isSymbolicLink()]);
    return new Map([...isLink.filter(([, link]) => !link), ...isLink.filter(([, link]) => link)]);
  } catch {
    return new Map();
  }
}
