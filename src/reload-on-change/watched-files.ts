// Reports that files changed: those that workers loaded, those that the user named, or all below the working directory.
import { watch as watchForReal } from 'node:fs';
import { basename, dirname, isAbsolute, normalize, relative } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import ignore from 'ignore';
import { now } from 'node-systemd-notify/linux';
import { isWithin, linksOnTheWayTo, realPath } from '../linux/paths.js';
import { createChangeDetector, type Tree } from './change-detector.js';
import { createDirectoryWatches, type StartWatching } from './directory-watches.js';
import { stampOf } from './file-stamp.js';
import { createIgnoreRules } from './ignore-rules.js';

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

export interface Watcher {
  /** A worker loaded this file, or looked for it: it need not exist. Cheap; ignored where paths are named. */
  watchLoaded(file: string): void;
  /**
   * Watches all below the working directory and beside the `scripts` until stopTree, except for what is ignored. Files that
   * changed after `since` (milliseconds since 1970) are reported at once.
   */
  watchTree(since: number, scripts?: readonly string[]): void;
  /** Watches only the loaded files again. */
  stopTree(): void;
  /** For the banner: 'the 12 files that are loaded', './src, ./config', 'the working directory'. */
  describe(): string;
  /** Nothing is reported after this, and nothing keeps the process alive. */
  close(): void;
}

/** Resolves when all that is named in `options` is watched. */
export async function createWatcher(
  options: WatcherOptions,
  start: StartWatching = watchForReal,
): Promise<Watcher> {
  const { cwd, paths, always, pollMs } = options;
  const homes = [...new Set([cwd, realPath(cwd)])];
  const excluded = ignore().add([...options.ignore]);
  const watches = pollMs > 0 ? null : createDirectoryWatches(onEvent, options.onTrouble, start);
  const detector = createChangeDetector(watches, homes);
  // Files that change at or before this moment are no news.
  const namedTrees = paths.map((path) => createTree(path, true, Date.now() + 1));
  let wholeTrees: readonly Tree[] = [];
  const loaded = new Set<string>();
  let isScanning = false;
  let hasEvent = false;
  let isClosed = false;

  await scanUntilQuiet();
  const poll = pollMs > 0 ? setInterval(() => void scanUntilQuiet(), pollMs).unref() : undefined;

  function onEvent(directory: string, name: string | null): void {
    if (detector.onEvent(directory, name)) scanSoon();
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
    await nextTurn();
    for (;;) {
      hasEvent = false;
      const found = await detector.scan([...namedTrees, ...wholeTrees], watchedPaths);
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

  function createTree(root: string, followsLinks: boolean, since: number): Tree {
    const rules = createIgnoreRules({ root, cwd, patterns: options.ignore });
    return { root, rules, followsLinks, since, listings: new Map() };
  }

  /** What workers loaded and what is named, with the links that lead there: what is written through one changes elsewhere. */
  function watchedPaths(): Iterable<string> {
    const named = [...always, ...paths].filter((path) => !isExcluded(path));
    const ways = named.flatMap((path) => [...linksOnTheWayTo(path), path, realPath(path)]);
    const all = [...linksOnTheWayTo(cwd), ...ways].filter((path) => !isExcluded(path));
    return new Set([...all, ...loaded]);
  }

  /** The names of the directories around a path outside of the working directory do not count. */
  function isExcluded(path: string): boolean {
    const name = nameIn(homes, path) ?? basename(path);
    return name !== '' && excluded.ignores(name);
  }

  /** Not what was installed, and not what the user excludes. */
  function isWanted(file: string): boolean {
    const name = nameIn(homes, file) ?? file.slice(1);
    return !/(^|\/)node_modules\//.test(name) && !excluded.ignores(name);
  }

  return {
    watchLoaded(file) {
      const path = normalize(file);
      if (isClosed || paths.length > 0 || loaded.has(path)) return;
      if (!isAbsolute(path) || !isWanted(path)) return;
      loaded.add(path);
      detector.addPath(path);
    },
    watchTree(since, scripts = []) {
      if (isClosed || wholeTrees.length > 0 || paths.length > 0) return;
      const roots = new Set([cwd, ...scripts.filter(isWanted).map(dirname)]);
      wholeTrees = [...roots].map((root) => createTree(root, false, since));
      scanSoon();
    },
    stopTree() {
      if (wholeTrees.length === 0) return;
      wholeTrees = [];
      scanSoon();
    },
    describe() {
      if (wholeTrees.length > 0) return 'the working directory';
      if (paths.length > 0) return paths.map((path) => nameOf(path, cwd)).join(', ');
      // Node reports also where it has looked for a file that is missing.
      const { length } = [...loaded].filter((file) => stampOf(file).kind === 'file');
      return length === 1 ? 'the file that is loaded' : `the ${length} files that are loaded`;
    },
    close() {
      isClosed = true;
      clearInterval(poll);
      watches?.close();
    },
  };
}

/** Relative to the working directory; null for a path elsewhere. */
function nameIn(homes: readonly string[], path: string): string | null {
  const home = homes.find((one) => isWithin(path, one));
  return home === undefined ? null : relative(home, path);
}

function nameOf(path: string, cwd: string): string {
  if (path === cwd) return 'the working directory';
  return isWithin(path, cwd) ? `./${relative(cwd, path)}` : path;
}
