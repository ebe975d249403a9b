// Watches single files, through the directories that they are in. A file may be replaced, or gone for a while, and so may
// a directory on the way to it.
import { basename, dirname, join } from 'node:path';
import { isWithin } from '../linux/paths.js';
import type { Eyes } from './directory-watcher.js';
import { isUnfinished, type Look, look } from './file-stamp.js';

export interface Files {
  /** From now on, or from `since` (milliseconds since 1970) if it changed after that; the file need not exist. */
  add(path: string, since?: number): void;
  remove(paths: Iterable<string>): void;
  /** Something happened in a directory; see Happened. */
  happened(directory: string, name: string | null): void;
  needs(directory: string): boolean;
}

/** Below one of the `tops` all directories on the way to a file are watched too, elsewhere the nearest one. */
export function watchFiles(
  eyes: Eyes,
  tops: readonly string[],
  saw: (path: string, unfinished: boolean) => void,
  /** The files have no use for a directory any more. */
  forget: (directory: string) => void,
): Files {
  const looks = new Map<string, Look>();
  /** Outer ones before inner ones; whether one holds a file that is watched. */
  const directories = new Map<string, boolean>();

  function check(path: string, named: boolean): void {
    const was = looks.get(path);
    if (!was) return;
    const is = look(path);
    if (is.mark === was.mark && !(named && is.coarse)) return;
    looks.set(path, is);
    if (is.kind === 'file') need(dirname(path));
    saw(path, isUnfinished(is));
  }

  /** A file has taken the place of a directory: what it was in was watched only for that. */
  function need(directory: string): void {
    if (directories.get(directory) !== false) return;
    directories.set(directory, true);
    eyes.watch(directory, true);
  }

  /** What happens before a watch begins is seen when it is ready. */
  function refresh(directory: string): void {
    for (const [one, needed] of directories) {
      if (isWithin(one, directory)) eyes.watch(one, needed);
    }
    for (const path of looks.keys()) if (isWithin(path, directory)) check(path, false);
  }

  function wayTo(directory: string): string[] {
    const top = tops.find((one) => isWithin(directory, one)) ?? directory;
    const way = [directory];
    for (let at = directory; at !== top; at = dirname(at)) way.unshift(dirname(at));
    return [dirname(top), ...way];
  }

  return {
    add(path, since = Number.POSITIVE_INFINITY) {
      if (looks.has(path)) return;
      const is = look(path);
      looks.set(path, is);
      if (is.kind === 'file' && is.changed > since) saw(path, isUnfinished(is));
      const directory = dirname(path);
      // What tells only that another directory is in place of this one is welcome, but may be forbidden.
      const isNeeded = is.kind !== 'directory';
      const known = directories.get(directory);
      if (known || known === isNeeded) return;
      for (const one of wayTo(directory)) {
        const needed = isNeeded && one === directory;
        if (directories.has(one) && !needed) continue;
        directories.set(one, needed);
        eyes.watch(one, needed);
      }
      check(path, false);
    },
    remove(paths) {
      for (const path of paths) looks.delete(path);
      const used = new Set([...looks.keys()].flatMap((path) => wayTo(dirname(path))));
      for (const one of [...directories.keys()].filter((each) => !used.has(each))) {
        directories.delete(one);
        forget(one);
      }
    },
    happened(directory, name) {
      if (!directories.has(directory)) return;
      if (name === null) return refresh(directory);
      const path = join(directory, name);
      check(path, true);
      if (directories.has(path)) refresh(path);
      if (name === basename(directory)) refresh(directory);
    },
    needs: (directory) => directories.has(directory),
  };
}
