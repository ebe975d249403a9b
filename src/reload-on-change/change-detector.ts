// Finds out what changed: compares the stamps of all that is watched with those of the scan before. A directory is watched
// first and looked at then, so that no change falls in between.
import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now } from 'node-systemd-notify/linux';
import { directoriesOnTheWayTo, isWithin } from '../linux/paths.js';
import type { DirectoryWatches } from './directory-watches.js';
import { type FileStamp, stampOf, stampOfEntry } from './file-stamp.js';
import { type IgnoreRules, RULES_FILE } from './ignore-rules.js';

/** Scanning goes in slices, so that the master can answer in between. */
const SLICE_MS = 10;

/** A directory that is watched with all that is below it, except for what is ignored. */
export interface Tree {
  readonly root: string;
  readonly rules: IgnoreRules;
  /** Whether links to directories are a part of it. */
  readonly followsLinks: boolean;
  /** Of the files that the first scan finds, those that changed later count, in milliseconds since 1970. */
  since: number;
  /** What is in each directory, until something happens there. */
  readonly listings: Map<string, Listing>;
}

interface Listing {
  /** Tells the directory from another one in its place. */
  readonly mark: string;
  readonly files: [path: string, stamp: FileStamp][];
  readonly directories: string[];
  /** Links that lead to directories. */
  readonly links: string[];
}

export interface ChangeDetector {
  /** Watches one path, whether it exists or not; each scan has to get it as well. */
  addPath(path: string): void;
  /**
   * Looks at all files of trees, and then at single paths. Resolves with each path that was changed, created or deleted
   * since the scan before, and with whether it is unfinished. Scans must not overlap.
   */
  scan(trees: readonly Tree[], paths: () => Iterable<string>): Promise<Map<string, boolean>>;
  /** Something happened in a watched directory, see createDirectoryWatches. Returns whether a scan is necessary. */
  onEvent(directory: string, name: string | null): boolean;
}

/** Of directories below one of `tops` the whole way is watched, of others only the directory and the one above it. */
export function createChangeDetector(
  watches: DirectoryWatches | null,
  tops: readonly string[],
): ChangeDetector {
  /** Of each path that counts, since the last scan. */
  const stamps = new Map<string, FileStamp>();
  let directories = new Set<string>();
  let trees: readonly Tree[] = [];

  function watchWayTo(directory: string, isNeeded: boolean, used: Set<string>): void {
    for (const one of directoriesOnTheWayTo(directory, tops)) {
      used.add(one);
      watches?.watch(one, isNeeded && one === directory);
    }
  }

  /** A directory in which only other directories are watched tells no more than that one of these was replaced. */
  function hasFile(path: string): boolean {
    return (stamps.get(path) ?? stampOfEntry(path)).kind !== 'directory';
  }

  return {
    addPath(path) {
      const parent = dirname(path);
      if (!directories.has(parent)) watchWayTo(parent, hasFile(path), directories);
      if (!stamps.has(path)) stamps.set(path, stampOfEntry(path));
    },

    async scan(scannedTrees, pathsNow) {
      trees = scannedTrees;
      const changed = new Map<string, boolean>();
      const seen = new Set<string>();
      const used = new Set<string>();

      /** A path that was not known counts if it changed after `since`. */
      function compare(path: string, stamp: FileStamp, since: number): void {
        const before = stamps.get(path);
        stamps.set(path, stamp);
        seen.add(path);
        const isChanged = before ? before.mark !== stamp.mark : stamp.changedAt > since;
        if (isChanged) changed.set(path, stamp.isUnfinished);
      }

      for (const tree of trees) {
        if (!watches) tree.listings.clear();
        watchWayTo(tree.root, false, used);
        const enter = (directory: string) => {
          used.add(directory);
          watches?.watch(directory, true);
        };
        await walk(tree, enter, compare);
      }
      const paths = [...pathsNow()];
      const parents = new Map(paths.map((path) => [dirname(path), false]));
      for (const path of paths) if (hasFile(path)) parents.set(dirname(path), true);
      for (const [parent, isNeeded] of parents) watchWayTo(parent, isNeeded, used);
      for (const path of paths) compare(path, stampOfEntry(path), Number.POSITIVE_INFINITY);
      for (const path of stamps.keys()) {
        if (seen.has(path)) continue;
        // It was deleted, or it no longer counts.
        if (stampOf(path).kind === 'nothing') changed.set(path, true);
        stamps.delete(path);
      }
      directories = used;
      watches?.keepOnly(used);
      return changed;
    },

    onEvent(directory, name) {
      const path = join(directory, name ?? '');
      for (const { listings } of trees) {
        listings.delete(directory);
        listings.delete(path);
      }
      if (name === null || name === basename(directory) || name === RULES_FILE) return true;
      if (stamps.has(path) || directories.has(path)) return true;
      return trees.some(({ root, rules }) => {
        const isIgnored = rules.ignores(path, false) && rules.ignores(path, true);
        return isWithin(path, root) && !isIgnored;
      });
    },
  };
}

/** Visits each directory and each file of a tree, without those that are ignored. */
async function walk(
  tree: Tree,
  enter: (directory: string) => void,
  visit: (file: string, stamp: FileStamp, since: number) => void,
): Promise<void> {
  const { root, rules, listings } = tree;
  if (stampOf(root).kind !== 'directory') return;
  let { since } = tree;
  tree.since = Number.NEGATIVE_INFINITY;

  function readRules(directory: string): void {
    if (!rules.read(directory)) return;
    listings.clear();
    // What is no longer ignored has not changed by that.
    since = Date.now();
  }

  for (const directory of rules.above) {
    enter(directory);
    readRules(directory);
  }
  const directories = [root];
  // Links are last: a directory is entered once, and by its own name if it can be.
  const links: string[] = [];
  const entered = new Set<string>();
  let sliceEnd = now() + SLICE_MS;
  for (let at = directories.shift(); at !== undefined; at = directories.shift() ?? links.shift()) {
    const { mark } = stampOf(at);
    if (entered.has(mark)) continue;
    entered.add(mark);
    enter(at);
    let listing = listings.get(at);
    if (listing?.mark !== mark) {
      readRules(at);
      listing = listDirectory(tree, at, mark);
      listings.set(at, listing);
    }
    directories.push(...listing.directories);
    links.push(...listing.links);
    for (const [path, stamp] of listing.files) visit(path, stamp, since);
    if (now() < sliceEnd) continue;
    await nextTurn();
    sliceEnd = now() + SLICE_MS;
  }
}

function listDirectory({ rules, followsLinks }: Tree, directory: string, mark: string): Listing {
  const listing: Listing = { mark, files: [], directories: [], links: [] };
  for (const entry of entriesOf(directory)) {
    const path = join(directory, entry.name);
    const isLink = entry.isSymbolicLink();
    const leadsOn = isLink && followsLinks && stampOf(path).kind === 'directory';
    const isDirectory = leadsOn || entry.isDirectory();
    if (rules.ignores(path, isDirectory)) continue;
    const stamp = stampOfEntry(path);
    if (isDirectory) listing[isLink ? 'links' : 'directories'].push(path);
    else if (stamp.kind !== 'nothing' && entry.name !== RULES_FILE)
      listing.files.push([path, stamp]);
  }
  return listing;
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
