// A watch under test, in a directory of its own, and what it told.
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { FSWatcher, watch as watchForReal } from 'chokidar';
import type { StartWatching } from '../../src/reload-on-change/directory-watcher.js';
import { createWatch, type Watch, type WatchOptions } from '../../src/reload-on-change/watcher.js';
import { eventually } from '../helpers/eventually.js';
import { scratch } from '../helpers/supervisor.js';

export interface Watching {
  readonly watch: Watch;
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
  options: Partial<WatchOptions> = {},
  start?: StartWatching,
): Promise<Watching> {
  const bursts: string[][] = [];
  const troubles: string[] = [];
  const listener = {
    changed: (paths: readonly string[]) => bursts.push(paths.map((one) => relative(cwd, one))),
    trouble: (text: string) => troubles.push(text),
  };
  const all = { cwd, paths: [], ignore: [], poll: 0, always: [], ...options };
  const watch = await createWatch(all, listener, start);
  t.after(() => watch.close());
  return {
    watch,
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

/** Watches for real, but for these directories: of them it tells what chokidar tells when the kernel refuses. */
export function refusing(directories: readonly string[], error: Error): StartWatching {
  return (directory, options) => {
    if (!directories.includes(directory)) return watchForReal(directory, options);
    const watcher = new FSWatcher(options);
    setImmediate(() => {
      watcher.emit('error', error);
      watcher.emit('ready');
    });
    return watcher;
  };
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
