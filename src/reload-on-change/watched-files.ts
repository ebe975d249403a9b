// Reports that files changed: those that workers loaded, those that the user named, or all below the working directory.
import { watch as watchForReal } from 'node:fs';
import { basename, dirname, isAbsolute, normalize, relative } from 'node:path';
import ignore from 'ignore';
import { describeError } from '../errors.js';
import { isWithin, linksOnTheWayTo, realPath } from '../linux/paths.js';
import { createChangeDetector } from './change-detector.js';
import { createDebouncer } from './debounce.js';
import { type StartWatching, watchByInotify, watchByPolling } from './directory-watcher.js';
import { stampOf } from './file-stamp.js';
import { createIgnoreRules } from './ignore-rules.js';
import { createTree, type Tree } from './tree.js';

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
}

export interface WatcherListener {
  /** One burst of changes is over: absolute paths, in the order of their first change. */
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
  listener: WatcherListener,
  start: StartWatching = watchForReal,
): Promise<Watcher> {
  const { cwd, paths, always, pollMs } = options;
  const debouncer = createDebouncer((changed) => listener.onChange(changed));
  const reportError = createTroubleReport(listener);
  const directories =
    pollMs > 0
      ? watchByPolling(pollMs, (path, name) => detector.onEvent(path, name))
      : watchByInotify(
          (path, name) => detector.onEvent(path, name),
          (path, error) => {
            if (detector.isNeeded(path) && stampOf(path).kind === 'directory')
              reportError(path, error);
          },
          start,
        );
  const homes = [...new Set([cwd, realPath(cwd)])];
  const detector = createChangeDetector(directories, homes, onChange);
  const excluded = ignore().add([...options.ignore]);
  const namedTrees = new Map<string, Tree>();
  let wholeTrees: readonly Tree[] = [];
  /** All that workers loaded; whether it is watched. */
  const loadedFiles = new Map<string, boolean>();
  /** Links, and named paths, which may become links: when one of them changes, a named path may lead elsewhere. */
  const links = new Set<string>();
  let isClosed = false;

  watchNamed();
  await detector.idle();

  function onChange(path: string, isUnfinished: boolean): void {
    debouncer.add(path, isUnfinished);
    if (!links.has(path)) return;
    watchNamed();
    // A regular file was rewritten: no link has changed.
    if (stampOf(path).kind === 'file') return;
    for (const tree of [...namedTrees.values(), ...wholeTrees]) detector.refreshTree(tree);
  }

  function watchNamed(): void {
    for (const link of linksOnTheWayTo(cwd)) watchLink(link);
    for (const path of [...always, ...paths]) watchPath(path);
    for (const path of paths) {
      if (namedTrees.has(path) || stampOf(path).kind !== 'directory') continue;
      namedTrees.set(path, addTree(path, true, now()));
    }
  }

  /** Watches a named path, whatever is there, and all on which it depends what that is; unless it is excluded. */
  function watchPath(path: string): void {
    if (isExcluded(path)) return;
    for (const link of linksOnTheWayTo(path)) watchLink(link);
    watchLink(path);
    // What is written through the link or beside it changes in another directory.
    const real = realPath(path);
    if (!isExcluded(real)) detector.addPath(real);
  }

  function watchLink(path: string): void {
    links.add(path);
    detector.addPath(path);
  }

  function addTree(root: string, followLinks: boolean, since: number): Tree {
    const rules = createIgnoreRules({ root, cwd, patterns: options.ignore });
    const tree = createTree(root, rules, followLinks);
    detector.addTree(tree, since);
    return tree;
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
      if (isClosed || paths.length > 0 || loadedFiles.has(file)) return;
      const isWatched = isAbsolute(file) && isWanted(normalize(file));
      loadedFiles.set(file, isWatched);
      if (isWatched) detector.addPath(normalize(file));
    },
    watchTree(since, scripts = []) {
      if (isClosed || wholeTrees.length > 0 || paths.length > 0) return;
      watchLink(cwd);
      const roots = new Set([cwd, ...scripts.filter(isWanted).map(dirname)]);
      wholeTrees = [...roots].map((root) => addTree(root, false, since));
    },
    stopTree() {
      for (const tree of wholeTrees) detector.removeTree(tree);
      wholeTrees = [];
    },
    describe() {
      if (wholeTrees.length > 0) return 'the working directory';
      if (paths.length > 0) return paths.map((path) => nameOf(path, cwd)).join(', ');
      const watched = [...loadedFiles].filter(([, isWatched]) => isWatched);
      // Node reports also where it has looked for a file that is missing.
      const count = watched.filter(([file]) => stampOf(file).kind === 'file').length;
      return count === 1 ? 'the file that is loaded' : `the ${count} files that are loaded`;
    },
    close() {
      isClosed = true;
      debouncer.close();
      detector.close();
      directories.close();
    },
  };
}

/** Files that changed at or before this moment are no news. */
function now(): number {
  return Date.now() + 1;
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

function createTroubleReport({
  onTrouble,
}: WatcherListener): (path: string, error: unknown) => void {
  const reported = new Set<unknown>();
  return (directory, error) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (reported.has(code)) return;
    reported.add(code);
    const { cause, cure } = explain(code) ?? { cause: describeError(error), cure: '' };
    onTrouble(`cannot watch ${directory}: ${cause}; changes there go unnoticed${cure}`);
  };
}

function explain(code: string | undefined): { cause: string; cure: string } | null {
  const cure = (limit: string) => `: raise ${limit} with sysctl, or use --watch-poll`;
  if (code === 'ENOSPC') {
    return { cause: 'no inotify watch is left', cure: cure('fs.inotify.max_user_watches') };
  }
  // The code is the same when the process has no file descriptor left, which is seldom the cause.
  if (code === 'EMFILE') {
    return { cause: 'no inotify instance is left', cure: cure('fs.inotify.max_user_instances') };
  }
  return null;
}
