// Reports that something happened in a directory; what it means is found out elsewhere. One non-recursive watch for each
// directory: Node's recursive one would take a watch for each file, of ignored directories too.
import type { FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError } from '../errors.js';
import { stampOf } from './file-stamp.js';

export interface DirectoryWatches {
  /** Watches the directory that is there now, if there is one. `isNeeded`: to tell the user if that fails. */
  watch(directory: string, isNeeded: boolean): void;
  /** Ends all watches but those of these directories. */
  keepOnly(directories: ReadonlySet<string>): void;
  /** Ends all of them; none begins after this. */
  close(): void;
}

/** `fs.watch`; tests put another one in. */
export type StartWatching = typeof watch;

/**
 * `onEvent` gets an entry of the directory, or the last part of its own path, or null: any entry may have changed.
 * `onTrouble` gets one line, once for each cause. A directory that could not be watched is tried again by the next `watch`.
 */
export function createDirectoryWatches(
  onEvent: (directory: string, name: string | null) => void,
  onTrouble: (text: string) => void,
  start: StartWatching,
): DirectoryWatches {
  const watched = new Map<string, { mark: string; handle: FSWatcher }>();
  const reported = new Set<unknown>();
  let isClosed = false;

  function unwatch(directory: string): void {
    watched.get(directory)?.handle.close();
    watched.delete(directory);
  }

  function open(directory: string, onError: (error: unknown) => void): FSWatcher {
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
      onError(error);
    });
  }

  function report(directory: string, error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code;
    if (reported.has(code) || stampOf(directory).kind !== 'directory') return;
    reported.add(code);
    onTrouble(`cannot watch ${directory}: ${explain(error, code)}`);
  }

  function keepOnly(directories: ReadonlySet<string>): void {
    for (const directory of watched.keys()) {
      if (!directories.has(directory)) unwatch(directory);
    }
  }

  return {
    watch(directory, isNeeded) {
      const { kind, mark } = stampOf(directory);
      if (kind !== 'directory') return unwatch(directory);
      if (isClosed || watched.get(directory)?.mark === mark) return;
      unwatch(directory);
      const onError = (error: unknown) => {
        if (isNeeded) report(directory, error);
      };
      try {
        watched.set(directory, { mark, handle: open(directory, onError) });
      } catch (error) {
        onError(error);
      }
    },
    keepOnly,
    close() {
      isClosed = true;
      keepOnly(new Set());
    },
  };
}

function explain(error: unknown, code: string | undefined): string {
  const unnoticed = 'changes there go unnoticed';
  const cure = (limit: string) => `${unnoticed}: raise ${limit} with sysctl, or use --watch-poll`;
  if (code === 'ENOSPC') {
    return `no inotify watch is left; ${cure('fs.inotify.max_user_watches')}`;
  }
  // The code is the same when the process has no file descriptor left, which is seldom the cause.
  if (code === 'EMFILE') {
    return `no inotify instance is left; ${cure('fs.inotify.max_user_instances')}`;
  }
  return `${describeError(error)}; ${unnoticed}`;
}
