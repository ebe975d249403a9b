// Reports that something happened in a directory: by inotify, or by polling. What it means is found out elsewhere. One
// non-recursive watch for each directory: Node's recursive one would take a watch for each file, of ignored directories too.
import { type FSWatcher, unwatchFile, type watch, watchFile } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `name` is an entry of `directory`, or the last part of its own path, or null: any entry may have changed. */
export type OnDirectoryEvent = (directory: string, name: string | null) => void;

export interface DirectoryWatcher {
  /** Watches the directory that is there now. `mark` tells it from another one in its place; '': none is there. */
  watch(directory: string, mark: string): void;
  unwatch(directory: string): void;
  /** Changes of this entry count. Polling has to look at it; inotify reports it through the directory. */
  watchEntry(path: string): void;
  unwatchEntry(path: string): void;
  /** Nothing is reported after this. */
  close(): void;
}

/** `fs.watch`; tests put another one in. */
export type StartWatching = typeof watch;

/** `onError` may be called while `watch` runs. A directory that could not be watched is tried again by the next `watch`. */
export function watchByInotify(
  onEvent: OnDirectoryEvent,
  onError: (directory: string, error: unknown) => void,
  start: StartWatching,
): DirectoryWatcher {
  const watched = new Map<string, { mark: string; handle: FSWatcher }>();

  function unwatch(directory: string): void {
    watched.get(directory)?.handle.close();
    watched.delete(directory);
  }

  function open(directory: string): FSWatcher {
    const handle = start(directory, { persistent: false }, (event, name) => {
      if (event === 'rename' && name !== null) {
        // Perhaps it was deleted and made again; with the same inode number, as these are used again.
        if (name === basename(directory)) unwatch(directory);
        unwatch(join(directory, name));
      }
      onEvent(directory, name);
    });
    return handle.on('error', (error) => {
      unwatch(directory);
      onError(directory, error);
    });
  }

  return {
    watch(directory, mark) {
      if (watched.get(directory)?.mark === mark) return;
      unwatch(directory);
      if (mark === '') return;
      try {
        watched.set(directory, { mark, handle: open(directory) });
      } catch (error) {
        onError(directory, error);
      }
    },
    unwatch,
    watchEntry() {},
    unwatchEntry() {},
    close() {
      for (const directory of watched.keys()) unwatch(directory);
    },
  };
}

/** For file systems that report nothing to the kernel. */
export function watchByPolling(intervalMs: number, onEvent: OnDirectoryEvent): DirectoryWatcher {
  const listeners = new Map<string, () => void>();

  function start(key: string, path: string): void {
    if (listeners.has(key)) return;
    const onChange = () => onEvent(dirname(path), basename(path));
    listeners.set(key, onChange);
    watchFile(key, { interval: intervalMs, persistent: false }, onChange);
    // A change before Node's first look would not be reported: that look comes a moment after this call.
    setTimeout(onChange, intervalMs).unref();
  }

  function stop(key: string): void {
    const onChange = listeners.get(key);
    if (onChange) unwatchFile(key, onChange);
    listeners.delete(key);
  }

  return {
    // The slash tells a watched directory from the same path as an entry.
    watch: (directory) => start(`${directory}/`, directory),
    unwatch: (directory) => stop(`${directory}/`),
    watchEntry: (path) => start(path, path),
    unwatchEntry: stop,
    close() {
      for (const key of listeners.keys()) stop(key);
    },
  };
}
