// Reports that files changed: those that workers loaded, those that the user named, or all below the working directory. What
// changed is found out by comparing the stamps of all that is watched with those before; the kernel only says when to look.
import { watch as watchForReal } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import ignore from 'ignore';
import { now } from 'node-systemd-notify/linux';
import { directoriesOnTheWayTo, isWithin, linksOnTheWayTo, realPath } from '../linux/paths.js';
import { createDirectoryWatches, type StartWatching } from './directory-watches.js';
import { type FileStamp, stampOf, stampOfEntry } from './file-stamp.js';
import { createIgnoreRules, RULES_FILE } from './ignore-rules.js';
import { type Tree, walk } from './tree.js';

/** While files change, they are looked at again and again, until so many scans in a row have found nothing new. */
const SCAN_INTERVAL_MS = 25;
const QUIET_SCANS = 1;
/** A file that is missing or empty is awaited longer. */
const LONG_QUIET_SCANS = 6;
/** From this many files on it is a checkout or a build: the next file may take longer. */
const MANY_FILES = 4;
const LONGEST_BURST_MS = 2000;

export interface WatcherOptions {
  /** Logical working directory, absolute. */
  readonly cwd: string;
  /** Named by the user (files or directories, absolute); empty: what workers load, or the tree. */
  readonly paths: readonly string[];
  /** gitignore-style patterns of --watch-ignore, relative to cwd. */
  readonly ignore: readonly string[];
  /** Poll for changes at this interval in milliseconds instead of asking the kernel; 0: do not poll. */
  readonly pollMs: number;
  /** Always watched: env files and package.json (absolute); need not exist. */
  readonly always: readonly string[];
  /** One burst of changes is over: absolute paths, each once. At the latest 2 s after the first change. */
  onChange(paths: readonly string[]): void;
  /** One line: what cannot be watched and what to do. Reported once for each cause. */
  onTrouble(text: string): void;
}

export type Watcher = Awaited<ReturnType<typeof createWatcher>>;

/** Resolves when all that is named in `options` is watched. */
export async function createWatcher(options: WatcherOptions, start: StartWatching = watchForReal) {
  const { cwd, paths, always, pollMs } = options;
  const homes = [...new Set([cwd, realPath(cwd)])];
  const excluded = ignore().add([...options.ignore]);
  const watches = pollMs > 0 ? null : createDirectoryWatches(onEvent, options.onTrouble, start);
  // Files that change at or before this moment are no news.
  const namedTrees = paths.map((path) => createTree(path, true, Date.now() + 1));
  let wholeTrees: readonly Tree[] = [];
  const walked = new Set<Tree>();
  /** A link that is missing for a moment still counts. */
  const links = new Set<string>();
  const loaded = new Set<string>();
  /** Of each path that counts, since the last scan. */
  const stamps = new Map<string, FileStamp>();
  /** Which are watched. */
  let directories = new Set<string>();
  let isScanning = false;
  let hasEvent = true;
  let isClosed = false;

  await scanUntilQuiet();
  const poll = pollMs > 0 ? setInterval(() => void scanUntilQuiet(), pollMs).unref() : undefined;

  function onEvent(directory: string, name: string | null): void {
    if (name === null || name === basename(directory) || name === RULES_FILE) return scanSoon();
    const path = join(directory, name);
    const isInTree = [...namedTrees, ...wholeTrees].some(
      ({ root, rules }) =>
        isWithin(path, root) && !(rules.ignores(path, false) && rules.ignores(path, true)),
    );
    if (isInTree || stamps.has(path) || directories.has(path)) scanSoon();
  }

  function scanSoon(): void {
    hasEvent = true;
    void scanUntilQuiet();
  }

  /** Reports what changed when nothing changes any more, so that one save or one checkout causes one reload. */
  async function scanUntilQuiet(): Promise<void> {
    if (isScanning) return;
    isScanning = true;
    const changed = new Map<string, boolean>();
    const end = now() + LONGEST_BURST_MS;
    let quietScans = 0;
    for (;;) {
      // Events that wait to be read come first.
      await nextTurn();
      const found = await scan();
      for (const [path, isUnfinished] of found) changed.set(path, isUnfinished);
      quietScans = found.size > 0 ? 0 : quietScans + 1;
      const isLong = changed.size >= MANY_FILES || [...changed.values()].includes(true);
      const isQuiet = !hasEvent && quietScans >= (isLong ? LONG_QUIET_SCANS : QUIET_SCANS);
      if (isClosed || isQuiet || now() >= end) break;
      await pause(SCAN_INTERVAL_MS);
    }
    isScanning = false;
    if (isClosed) return;
    if (hasEvent) void scanUntilQuiet();
    if (changed.size > 0) options.onChange([...changed.keys()]);
  }

  /** Resolves with each path that was changed, created or deleted since the scan before, and with whether it is unfinished. */
  async function scan(): Promise<Map<string, boolean>> {
    const changed = new Map<string, boolean>();
    if (!hasEvent && watches) return changed;
    hasEvent = false;
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

    for (const tree of [...namedTrees, ...wholeTrees]) {
      const since = walked.has(tree) ? 0 : tree.since;
      walked.add(tree);
      watchWayTo(tree.root, used);
      const enter = (directory: string) => watchDirectory(directory, used);
      await walk(tree, enter, (file, stamp) => compare(file, stamp, since));
    }
    const single = singlePaths();
    for (const directory of new Set([...single].map(dirname))) watchWayTo(directory, used);
    for (const path of single) compare(path, stampOfEntry(path), Number.POSITIVE_INFINITY);
    for (const path of stamps.keys()) {
      if (seen.has(path)) continue;
      // It was deleted, or it no longer counts.
      if (stampOf(path).kind === 'nothing') changed.set(path, true);
      stamps.delete(path);
    }
    directories = used;
    watches?.keepOnly(used);
    return changed;
  }

  function watchDirectory(directory: string, used: Set<string>): void {
    used.add(directory);
    if (!isClosed) watches?.watch(directory);
  }

  function watchWayTo(directory: string, used: Set<string>): void {
    for (const one of directoriesOnTheWayTo(directory, homes)) watchDirectory(one, used);
  }

  function createTree(root: string, followsLinks: boolean, since: number): Tree {
    return { root, rules: createIgnoreRules(root, cwd, options.ignore), followsLinks, since };
  }

  /** What workers loaded and what is named, with the links that lead there: what is written through one changes elsewhere. */
  function singlePaths(): Set<string> {
    const named = [...always, ...paths].flatMap((path) => [
      ...linksOnTheWayTo(path),
      ...[path, realPath(path)],
    ]);
    for (const link of linksOnTheWayTo(cwd)) links.add(link);
    return new Set([...[...links, ...named].filter(isWanted), ...loaded]);
  }

  /** Not what the user excludes. Directories above both the path and the working directory do not count. */
  function isWanted(path: string): boolean {
    const name = nameIn(homes, path);
    return name === '' || !excluded.ignores(name);
  }

  function isInstalled(path: string): boolean {
    return /(^|\/)node_modules\//.test(nameIn(homes, path));
  }

  return {
    /** A worker loaded this file, or looked for it: it need not exist. Cheap; ignored where paths are named. */
    watchLoaded(file: string): void {
      const path = normalize(file);
      if (isClosed || paths.length > 0 || loaded.has(path)) return;
      if (!isAbsolute(path) || isInstalled(path) || !isWanted(path)) return;
      loaded.add(path);
      if (!directories.has(dirname(path))) watchWayTo(dirname(path), directories);
      if (!stamps.has(path)) stamps.set(path, stampOfEntry(path));
    },
    /**
     * Watches all below the working directory and beside the `scripts` until stopTree, except for what is ignored. Files
     * that changed after `since` (milliseconds since 1970) are reported at once.
     */
    watchTree(since: number, scripts: readonly string[] = []): void {
      if (isClosed || wholeTrees.length > 0 || paths.length > 0) return;
      const own = scripts.filter((script) => !isInstalled(script) && isWanted(script));
      const roots = new Set([cwd, ...own.map(dirname)]);
      wholeTrees = [...roots].map((root) => createTree(root, false, since));
      scanSoon();
    },
    /** Watches only the loaded files again. */
    stopTree(): void {
      if (wholeTrees.length === 0) return;
      wholeTrees = [];
      scanSoon();
    },
    /** For the banner: 'the 12 files that are loaded', './src, ./config', 'the working directory'. */
    describe(): string {
      if (wholeTrees.length > 0) return 'the working directory';
      if (paths.length > 0) return paths.map((path) => nameOf(path, cwd)).join(', ');
      // Node reports also where it has looked for a file that is missing.
      const { length } = [...loaded].filter((file) => stampOf(file).kind === 'file');
      return length === 1 ? 'the file that is loaded' : `the ${length} files that are loaded`;
    },
    /** Nothing is reported after this, and nothing keeps the process alive. */
    close(): void {
      isClosed = true;
      clearInterval(poll);
      watches?.keepOnly(new Set());
    },
  };
}

/** Relative to the working directory; of a path elsewhere without the way up to what both are in. */
function nameIn(homes: readonly string[], path: string): string {
  const [logical = '/'] = homes;
  const home = homes.find((one) => isWithin(path, one)) ?? logical;
  return relative(home, path).replace(/^(\.\.\/?)+/, '');
}

function nameOf(path: string, cwd: string): string {
  if (path === cwd) return 'the working directory';
  return isWithin(path, cwd) ? `./${relative(cwd, path)}` : path;
}
