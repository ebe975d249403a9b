// A watch under test, in a directory of its own, and what it told.
import { mkdirSync, readdirSync, readFileSync, realpathSync, watch, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StartWatching } from '../../src/reload-on-change/directory-watches.js';
import {
  createWatcher,
  type Watcher,
  type WatcherOptions,
} from '../../src/reload-on-change/watched-files.js';
import { eventually } from '../helpers/eventually.js';
import { scratch } from '../helpers/supervisor.js';

/** The same must hold whether the kernel is asked, or the files are polled. */
export const MODES = [
  ['by inotify', { pollMs: 0 }],
  ['by polling', { pollMs: 20 }],
] as const;

export interface WatcherUnderTest {
  readonly watcher: Watcher;
  /** Burst by burst, relative to cwd. */
  readonly bursts: string[][];
  readonly troubles: string[];
  /** Resolves with the bursts so far, when one names `path`; then forgets them. */
  told(path: string): Promise<string[][]>;
}

/** A directory with these files, each of which holds its own name. */
export function directoryWith(t: TestContext, files: readonly string[]): string {
  const directory = realpathSync(scratch(t));
  for (const file of files) write(join(directory, file), file);
  return directory;
}

/** With the directories that it needs. */
export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

export async function watching(
  t: TestContext,
  cwd: string,
  options: Partial<WatcherOptions> = {},
  start?: StartWatching,
): Promise<WatcherUnderTest> {
  const bursts: string[][] = [];
  const troubles: string[] = [];
  const watcher = await createWatcher(
    {
      ...{ cwd, paths: [], ignore: [], pollMs: 0, always: [], ...options },
      onChange: (paths) => bursts.push(paths.map((one) => relative(cwd, one))),
      onTrouble: (text) => troubles.push(text),
    },
    start,
  );
  t.after(() => watcher.close());
  return {
    watcher,
    bursts,
    troubles,
    async told(path) {
      await eventually(
        `a change of ${path}`,
        () => bursts,
        (all) => all.flat().includes(path),
        5000,
      );
      return bursts.splice(0);
    },
  };
}

/** Watches for real, except for these directories, of which the kernel refuses to watch. */
export function refusing(directories: readonly string[], error: Error): StartWatching {
  return ((directory: string, ...others: Parameters<typeof watch>) => {
    if (directories.includes(directory)) throw error;
    return Reflect.apply(watch, null, [directory, ...others]);
  }) as StartWatching;
}

/** How many directories and files this process has the kernel watch. */
export function inotifyWatches(): number {
  const texts = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    } catch {
      return '';
    }
  });
  return texts.join('\n').match(/^inotify wd:/gm)?.length ?? 0;
}

/** On a slow machine the walk is cut into slices: at least one directory a turn. */
export async function walked(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}
