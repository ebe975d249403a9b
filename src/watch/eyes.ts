// Tells that something happened in a directory: the kernel does, through inotify. One watch for a directory, none for its
// files: that sees a file replaced or coming back just as well. What a change means is decided elsewhere.
//
// Not chokidar: it swallows a second save within 50 ms of the first, and tells of no moment from which a directory
// added later is watched. fs.watch() is effective when it returns.
import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { look } from './look.js';

/** `name` is an entry of `directory`, or the last part of its own path, or null: it may be anything in it. */
export type Happened = (directory: string, name: string | null) => void;

export interface Eyes {
  /**
   * Makes sure that the directory which is there now is watched, if there is one. When it cannot be, that is trouble
   * only if it is `needed`.
   */
  watch(directory: string, needed: boolean): void;
  forget(directory: string): void;
  close(): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly mark: string;
  /** It was perhaps deleted or moved: an inode number alone, which is used again, does not tell. */
  doubtful: boolean;
}

export function kernelEyes(
  happened: Happened,
  trouble: (directory: string, error: unknown) => void,
  start: (
    directory: string,
    hear: (event: string, name: string | null) => void,
  ) => FSWatcher = watch,
): Eyes {
  const watched = new Map<string, Watched>();

  function forget(directory: string): void {
    watched.get(directory)?.watcher.close();
    watched.delete(directory);
  }

  return {
    watch(directory, needed) {
      const { kind, mark } = look(directory);
      const known = watched.get(directory);
      if (known && !known.doubtful && known.mark === mark) return;
      forget(directory);
      if (kind !== 'directory') return;
      try {
        const watcher = start(directory, (event, name) => {
          if (event === 'rename' && name === basename(directory)) one.doubtful = true;
          happened(directory, name);
        });
        const one: Watched = { watcher, mark, doubtful: false };
        watcher.on('error', (error) => {
          one.doubtful = true;
          trouble(directory, error);
        });
        watched.set(directory, one);
      } catch (error) {
        if (needed && look(directory).kind === 'directory') trouble(directory, error);
      }
    },
    forget,
    close() {
      for (const directory of [...watched.keys()]) forget(directory);
    },
  };
}
