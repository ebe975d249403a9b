// Tells that something happened in a directory: chokidar does, through inotify or by polling. It is asked for one directory
// at a time and for its raw events: it swallows a second 'change' within 50 ms, and tells of a watcher only once that it is
// ready. What a change means is decided elsewhere.
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ChokidarOptions, FSWatcher } from 'chokidar';
import { look } from './file-stamp.js';

/** `name` is an entry of `directory`, or the last part of its own path, or null: it may be anything directly in it. */
export type Happened = (directory: string, name: string | null) => void;

export interface Eyes {
  /**
   * Makes sure that the directory which is there now is watched, if there is one: a moment later, and then null has
   * happened in it. `needed`: files in it count, and it is trouble when it cannot be watched.
   */
  watch(directory: string, needed: boolean): void;
  forget(directory: string): void;
  /** Resolves when all that was asked for up to now is watched, or cannot be. */
  ready(): Promise<void>;
  close(): void;
}

/** `chokidar.watch`; tests put another one in. */
export type StartWatching = (directory: string, options: ChokidarOptions) => FSWatcher;

interface Watched {
  readonly watcher: FSWatcher;
  readonly mark: string;
  readonly needed: boolean;
  readonly opened: Promise<void>;
  readonly settle: () => void;
  /** It was perhaps deleted or moved: an inode number alone, which is used again, does not tell. */
  doubtful: boolean;
}

/** `everyMs`: between two looks, where the kernel is not asked; else 0. */
export function openEyes(
  start: StartWatching,
  everyMs: number,
  happened: Happened,
  trouble: (directory: string, error: unknown) => void,
): Eyes {
  const watched = new Map<string, Watched>();

  function forget(directory: string): void {
    const one = watched.get(directory);
    if (!one) return;
    watched.delete(directory);
    void one.watcher.close();
    // Closing took all listeners away, and what it is about to try may still fail.
    one.watcher.on('error', () => {});
    one.settle();
  }

  function open(directory: string, mark: string, needed: boolean): Watched {
    const watcher = start(directory, {
      depth: 0,
      ignoreInitial: true,
      // Otherwise what looks like a leftover of an editor is ignored, wherever in the path.
      atomic: false,
      usePolling: everyMs > 0,
      ...(everyMs > 0 && { interval: everyMs, binaryInterval: everyMs }),
      // The kernel tells of files through their directory: a watch for each would tell nothing new.
      ignored: (path) => path !== directory && !(watcher.options.usePolling && isPolled(path)),
    });
    const isPolled = (path: string) => needed && dirname(path) === directory;
    /** Where it polls, what it does not look at as a file: it goes on so when a file has taken the place. */
    const branches = new Set(watcher.options.usePolling && needed ? branchesOf(directory) : []);
    const { promise, settle } = promised();
    const one: Watched = { watcher, mark, needed, opened: promise, settle, doubtful: false };

    function tell(name: string | null): void {
      if (watched.get(directory) === one) happened(directory, name);
    }

    function hasNewFile(): boolean {
      return [...branches].some((name) => look(join(directory, name)).kind === 'file');
    }

    function reopen(): void {
      forget(directory);
      watched.set(directory, open(directory, mark, needed));
    }

    /** Polling begins with a first look that is taken some time after it is said to begin. */
    function tellLater(name: string | null): void {
      if (watcher.options.usePolling) setTimeout(tell, watcher.options.interval, name).unref();
    }

    watcher.on('raw', (event, path) => {
      // The kernel's names are relative.
      const name = path === null || path === directory ? null : basename(path);
      if (event === 'rename' && name !== null) {
        if (name === basename(directory)) one.doubtful = true;
        const inner = watched.get(join(directory, name));
        if (inner) inner.doubtful = true;
      }
      // Not at once: a watcher that is closed while it tells by polling makes chokidar throw.
      queueMicrotask(() => {
        if (watched.get(directory) === one && hasNewFile()) reopen();
        tell(name);
      });
    });
    watcher.on('all', (event, path) => {
      if (event === 'addDir' && path !== directory) branches.add(basename(path));
      tellLater(basename(path));
    });
    watcher.once('ready', () => {
      // It was gone for a moment.
      if (!(directory in watcher.getWatched())) one.doubtful = true;
      // What cannot be watched is not tried again and again.
      if (!one.doubtful || look(directory).kind !== 'directory') tell(null);
      tellLater(null);
      settle();
    });
    watcher.on('error', (error) => {
      one.doubtful = true;
      if (needed && look(directory).kind === 'directory') trouble(directory, error);
      settle();
    });
    return one;
  }

  return {
    watch(directory, needed) {
      const { kind, mark } = look(directory);
      const known = watched.get(directory);
      const isKnown = known && !known.doubtful && known.mark === mark;
      if (isKnown && (known.needed || !needed)) return;
      forget(directory);
      if (kind !== 'directory') return;
      // chokidar takes it for a slash.
      if (directory.includes('\\')) trouble(directory, new Error('it has a backslash in its name'));
      else watched.set(directory, open(directory, mark, needed));
    },
    forget,
    async ready() {
      await Promise.all([...watched.values()].map((one) => one.opened));
    },
    close() {
      for (const directory of [...watched.keys()]) forget(directory);
    },
  };
}

/** The directories in it. */
function branchesOf(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

function promised(): { promise: Promise<void>; settle: () => void } {
  let settle = () => {};
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}
