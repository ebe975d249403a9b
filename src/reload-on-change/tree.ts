// A directory that is watched with all that is below it, except for what is ignored.
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now } from 'node-systemd-notify/linux';
import { type FileStamp, stampOf, stampOfEntry } from './file-stamp.js';
import { type IgnoreRules, RULES_FILE } from './ignore-rules.js';

/** A walk goes in slices, so that the master can answer in between. */
const SLICE_MS = 10;

export interface Tree {
  readonly root: string;
  readonly rules: IgnoreRules;
  /** Whether links to directories are a part of it. */
  readonly followsLinks: boolean;
  /** Of the files that the first walk finds, those that changed later count, in milliseconds since 1970. */
  readonly since: number;
}

/** Calls `enter` for each directory before it is read, so that no change falls in between, and `visit` for each file. */
export async function walk(
  { root, rules, followsLinks }: Tree,
  enter: (directory: string) => void,
  visit: (file: string, stamp: FileStamp) => void,
): Promise<void> {
  for (const directory of rules.above) {
    enter(directory);
    rules.read(directory);
  }
  const directories = [root];
  /** Links may form a circle, and several may lead to one directory. */
  const entered = new Set<string>();
  let sliceEnd = now() + SLICE_MS;
  for (const directory of directories) {
    const { kind, mark } = stampOf(directory);
    if (kind !== 'directory' || entered.has(mark)) continue;
    entered.add(mark);
    enter(directory);
    rules.read(directory);
    for (const entry of entriesOf(directory)) {
      const path = join(directory, entry.name);
      const leadsOn = followsLinks && entry.isSymbolicLink() && stampOf(path).kind === 'directory';
      const isDirectory = leadsOn || entry.isDirectory();
      if (entry.name === RULES_FILE || rules.ignores(path, isDirectory)) continue;
      if (isDirectory) directories.push(path);
      else visit(path, stampOfEntry(path));
    }
    if (now() < sliceEnd) continue;
    await nextTurn();
    sliceEnd = now() + SLICE_MS;
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
