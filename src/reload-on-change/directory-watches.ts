// Has the kernel report that something happened in a directory; what it means is found out elsewhere. One non-recursive watch
// for each directory: Node's recursive one would take a watch for each file, of ignored directories too.
import type { FSWatcher, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError } from '../errors.js';
import { stampOf } from './file-stamp.js';

export interface DirectoryWatches {
  /** Watches the directory that is there now, if there is one. If that fails, the next call tries again. */
  watch(directory: string): void;
  /** Ends all watches but those of these directories. */
  keepOnly(directories: ReadonlySet<string>): void;
}

/** EMFILE could also mean that this process has no file descriptor left, which is seldom the cause. */
const LIMITS: ReadonlyMap<string, { readonly what: string; readonly sysctl: string }> = new Map([
  ['ENOSPC', { what: 'watch', sysctl: 'fs.inotify.max_user_watches' }],
  ['EMFILE', { what: 'instance', sysctl: 'fs.inotify.max_user_instances' }],
]);
/** Many a directory above may not be read, and any may have gone. */
const WITHOUT_REPORT = ['EACCES', 'ENOENT', 'ENOTDIR'];

/** `fs.watch`; tests put another one in. */
export type StartWatching = typeof watch;

/**
 * `onEvent` gets an entry of the directory, or the last part of its own path, or null: any entry may have changed.
 * `onTrouble` gets one line, once for each cause.
 */
export function createDirectoryWatches(
  onEvent: (directory: string, name: string | null) => void,
  onTrouble: (text: string) => void,
  start: StartWatching,
): DirectoryWatches {
  const watched = new Map<string, { mark: string; handle: FSWatcher }>();
  const reported = new Set<string>();

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
    return handle.on('error', () => unwatch(directory));
  }

  function report(directory: string, error: NodeJS.ErrnoException): void {
    const { code = '' } = error;
    if (WITHOUT_REPORT.includes(code) || reported.has(code)) return;
    reported.add(code);
    const limit = LIMITS.get(code);
    const cause = limit ? `no inotify ${limit.what} is left` : describeError(error);
    const cure = limit ? `raise ${limit.sysctl} with sysctl, or use` : 'use';
    onTrouble(
      `cannot watch ${directory}: ${cause}; changes there go unnoticed: ${cure} --watch-poll`,
    );
  }

  return {
    watch(directory) {
      const { kind, mark } = stampOf(directory);
      if (watched.get(directory)?.mark === mark) return;
      unwatch(directory);
      if (kind !== 'directory') return;
      try {
        watched.set(directory, { mark, handle: open(directory) });
      } catch (error) {
        report(directory, error as NodeJS.ErrnoException);
      }
    },
    keepOnly(directories) {
      for (const directory of watched.keys()) {
        if (!directories.has(directory)) unwatch(directory);
      }
    },
  };
}
