// A directory that is watched with all that is below it, except for what is ignored.
import { isWithin } from '../linux/paths.js';
import { type FileStamp, stampOf } from './file-stamp.js';
import { type IgnoreRules, RULES_FILE } from './ignore-rules.js';

export interface Tree {
  readonly root: string;
  readonly rules: IgnoreRules;
  /** Whether the directory is a part of it whatever is above: the root, or one above it whose .gitignore counts. */
  beginsAt(directory: string): boolean;
  /** Whether changes of this entry count, be it a file or a link that is not followed. */
  hasEntry(path: string, isDirectory: boolean): boolean;
  /** Whether this directory is a part of the tree; it then is claimed. */
  entersDirectory(path: string, stamp: FileStamp, isLink: boolean): boolean;
  /** This path stands for the directory with this mark. */
  claim(path: string, mark: string): void;
}

/** `followLinks`: whether links to directories are a part of it. */
export function createTree(root: string, rules: IgnoreRules, followLinks: boolean): Tree {
  /** dev:inode -> path, so that a directory that is reached by several links, or in a loop, is entered once. */
  const entered = new Map<string, string>();

  function claim(path: string, mark: string): void {
    if (mark !== '' && isWithin(path, root)) entered.set(mark, path);
  }

  return {
    root,
    rules,
    claim,
    beginsAt: (directory) => directory === root || rules.above.includes(directory),
    hasEntry(path, isDirectory) {
      if (path.endsWith(`/${RULES_FILE}`)) return true;
      return isWithin(path, root) && !rules.ignores(path, isDirectory);
    },
    entersDirectory(path, { kind, mark }, isLink) {
      if (kind !== 'directory' || (isLink && !followLinks)) return false;
      if (!isWithin(path, root) || rules.ignores(path, true)) return false;
      const other = entered.get(mark) ?? path;
      if (other !== path && stampOf(other).mark === mark) return false;
      claim(path, mark);
      return true;
    },
  };
}
