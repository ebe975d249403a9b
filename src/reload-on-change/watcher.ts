// Tells that files changed: those that workers loaded, those that the user named, or all below the working directory.
import { basename, isAbsolute, normalize, relative } from 'node:path';
import { describeError } from '../errors.js';
import { isWithin, linksOnTheWayTo, realPath } from '../linux/paths.js';
import { createBurst } from './debounce.js';
import { openEyes, type StartWatching } from './directory-watcher.js';
import { look } from './file-stamp.js';
import { watchFiles } from './file-watcher.js';
import { createRules } from './ignore-rules.js';
import { type Tree, watchTree } from './tree-watcher.js';

export interface WatchOptions {
  /** Logical working directory, absolute. */
  readonly cwd: string;
  /** Named by the user (files or directories, absolute); empty: what workers load, or the tree. */
  readonly paths: readonly string[];
  /** gitignore-style patterns of --watch-ignore, relative to cwd. */
  readonly ignore: readonly string[];
  /** Look at the files again and again instead of asking the kernel; milliseconds, 0 for no polling. */
  readonly poll: number;
  /** Always watched: env files and package.json (absolute); need not exist. */
  readonly always: readonly string[];
}

export interface WatchListener {
  /** One burst, over: paths that changed, in order of first appearance, absolute. */
  changed(paths: readonly string[]): void;
  /** One clear line: what cannot be watched and what to do. Said once per kind. */
  trouble(text: string): void;
}

export interface Watch {
  /**
   * A worker loaded this file, or was to load it: it need not exist. Cheap; ignored where paths are named. `since`
   * (milliseconds since 1970): a file that changed after that is told of at once.
   */
  loaded(file: string, since?: number): void;
  /** A generation serves: what was only to be loaded, and was reported by none, is watched no more. */
  clearSuspects(): void;
  /** What is loaded cannot be told: watch the whole tree under cwd (once). */
  watchTree(): void;
  /** By now it can: watch only what is loaded again. */
  leaveTree(): void;
  /** For the banner: 'the 12 files that are loaded', './src, ./config', 'the working directory'. */
  describe(): string;
  /** Nothing is reported any more, and nothing keeps the process alive. */
  close(): Promise<void>;
}

/** Resolves when all that is named in `options` is watched. */
export async function createWatch(
  options: WatchOptions,
  listener: WatchListener,
  start?: StartWatching,
): Promise<Watch> {
  const { cwd, paths, always, poll } = options;
  // Loaded here, since only a master that watches needs them.
  const [{ default: ignore }, chokidar] = await Promise.all([import('ignore'), import('chokidar')]);
  const burst = createBurst((changed) => listener.changed(changed));
  const trouble = troubles(listener);
  const eyes = openEyes(start ?? chokidar.watch, poll, happened, trouble);
  const homes = [...new Set([cwd, realPath(cwd)])];
  const files = watchFiles(eyes, homes, saw, forget);
  const excluded = options.ignore.length > 0 ? ignore().add([...options.ignore]) : null;
  const excludes = (name: string) => name !== '' && (excluded?.ignores(name) ?? false);
  const trees = new Map<string, Tree>();
  /** All that workers loaded; whether it is watched. */
  const loadedFiles = new Map<string, boolean>();
  /** Those of them that no worker has reported. */
  const suspects = new Set<string>();
  /** Named paths without links. */
  const reals = new Set<string>();
  /** Links and directories on which it depends what is watched. */
  const crossings = new Set<string>();
  let isWhole = false;
  let isClosed = false;

  for (const path of [...always, ...paths]) reach(path);
  for (const link of linksOnTheWayTo(cwd)) cross(link);
  for (const path of paths) grow(path, true);
  await Promise.all([...trees.values()].map((tree) => tree.settled));
  await eyes.ready();

  function happened(directory: string, name: string | null): void {
    if (isClosed) return;
    files.happened(directory, name);
    for (const tree of trees.values()) tree.happened(directory, name);
  }

  function saw(path: string, unfinished: boolean): void {
    burst.saw(path, unfinished);
    if (!crossings.has(path)) return;
    for (const link of linksOnTheWayTo(cwd)) cross(link);
    for (const one of [...always, ...paths]) reach(one);
    // A named file that was written to leads nowhere else.
    if (look(path).kind === 'file') return;
    for (const tree of trees.values()) tree.refresh();
    for (const one of paths) grow(one, true);
  }

  /** Of the loaded files those that somebody edits: not what was installed, and not what the user excludes. */
  function isWanted(file: string): boolean {
    const name = nameIn(homes, file) ?? file.slice(1);
    return !/(^|\/)node_modules\//.test(name) && !excludes(name);
  }

  /** What is elsewhere is named by the user: how the directories are called that it is in does not count. */
  function isExcluded(path: string): boolean {
    return excludes(nameIn(homes, path) ?? basename(path));
  }

  /** Watches a named path, whatever is there, and all on which it depends what that is; unless it is excluded. */
  function reach(path: string): void {
    if (isExcluded(path)) return;
    for (const link of linksOnTheWayTo(path)) cross(link);
    cross(path);
    // What is written through the link or beside it changes in another directory.
    const real = realPath(path);
    if (isExcluded(real)) return;
    reals.add(real);
    files.add(real);
  }

  function cross(path: string): void {
    crossings.add(path);
    files.add(path);
  }

  function grow(root: string, followLinks: boolean): void {
    if (trees.has(root) || look(root).kind !== 'directory') return;
    const rules = createRules(ignore, { root, cwd, patterns: options.ignore });
    trees.set(root, watchTree(eyes, { root, rules, followLinks, saw, forget }));
  }

  function forget(directory: string): void {
    const isHeld = [...trees.values()].some((tree) => tree.holds(directory));
    if (!isHeld && !files.needs(directory)) eyes.forget(directory);
  }

  return {
    loaded(file, since) {
      if (isClosed || paths.length > 0) return;
      if (since === undefined) suspects.delete(file);
      if (loadedFiles.has(file)) return;
      if (since !== undefined) suspects.add(file);
      const isWatched = isAbsolute(file) && isWanted(normalize(file));
      loadedFiles.set(file, isWatched);
      if (isWatched) files.add(normalize(file), since);
    },
    clearSuspects() {
      for (const file of suspects) loadedFiles.delete(file);
      const others = [...suspects]
        .map(normalize)
        .filter((one) => !crossings.has(one) && !reals.has(one));
      suspects.clear();
      if (others.length > 0) files.remove(others);
    },
    watchTree() {
      if (isClosed || isWhole || paths.length > 0) return;
      isWhole = true;
      cross(cwd);
      grow(cwd, false);
    },
    leaveTree() {
      if (!isWhole || isClosed) return;
      isWhole = false;
      const tree = trees.get(cwd);
      trees.delete(cwd);
      tree?.close();
    },
    describe() {
      if (isWhole) return 'the working directory';
      if (paths.length > 0) return paths.map((path) => nameOf(path, cwd)).join(', ');
      const watched = [...loadedFiles].filter(([, isWatched]) => isWatched);
      // Node reports also where it has looked for a file that is missing.
      const count = watched.filter(([file]) => look(file).kind === 'file').length;
      return count === 1 ? 'the file that is loaded' : `the ${count} files that are loaded`;
    },
    async close() {
      isClosed = true;
      burst.close();
      for (const tree of trees.values()) tree.close();
      eyes.close();
    },
  };
}

/** Relative to the working directory; null for what is elsewhere. */
function nameIn(homes: readonly string[], path: string): string | null {
  const home = homes.find((one) => isWithin(path, one));
  return home === undefined ? null : relative(home, path);
}

function nameOf(path: string, cwd: string): string {
  if (path === cwd) return 'the working directory';
  return isWithin(path, cwd) ? `./${relative(cwd, path)}` : path;
}

function troubles(listener: WatchListener): (directory: string, error: unknown) => void {
  const told = new Set<unknown>();
  return (directory, error) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (told.has(code)) return;
    told.add(code);
    const { cause, cure } = explain(code) ?? { cause: describeError(error), cure: '' };
    listener.trouble(`cannot watch ${directory}: ${cause}; changes there go unnoticed${cure}`);
  };
}

function explain(code: string | undefined): { cause: string; cure: string } | null {
  const cure = (limit: string) => `: raise ${limit} with sysctl, or use --watch-poll`;
  if (code === 'ENOSPC') {
    return { cause: 'no inotify watch is left', cure: cure('fs.inotify.max_user_watches') };
  }
  // Descriptors of the process end with the same code; they are seldom what is short.
  if (code === 'EMFILE') {
    return { cause: 'no inotify instance is left', cure: cure('fs.inotify.max_user_instances') };
  }
  return null;
}
