// What the metadata of a path says: enough to tell that it changed, without reading it.
import { lstatSync, type Stats, statSync } from 'node:fs';

export interface FileStamp {
  /** Sockets, pipes and devices count as 'nothing': servers create them for themselves. */
  readonly kind: 'file' | 'directory' | 'nothing';
  /** Differs after the path was written, touched or replaced, or a link led it elsewhere. */
  readonly mark: string;
  /** It is missing or empty, so it is probably being replaced at this moment. */
  readonly isUnfinished: boolean;
  /** The ctime, in milliseconds since 1970. Unlike the mtime no program can set it. */
  readonly changedAt: number;
}

const NOTHING: FileStamp = { kind: 'nothing', mark: '', isUnfinished: true, changedAt: 0 };

/** Follows links. A path that cannot be looked up is of the kind 'nothing'. */
export function stampOf(path: string): FileStamp {
  return stampFrom(statSync, path);
}

/** The same, but of a link itself: what is written through it does not count. */
export function stampOfEntry(path: string): FileStamp {
  return stampFrom(lstatSync, path);
}

function stampFrom(look: typeof statSync, path: string): FileStamp {
  let stats: Stats | undefined;
  try {
    stats = look(path, { throwIfNoEntry: false });
  } catch {
    return NOTHING;
  }
  const isDirectory = stats?.isDirectory() ?? false;
  if (!stats || !(isDirectory || stats.isFile() || stats.isSymbolicLink())) return NOTHING;
  const { dev, ino, size, mtimeMs, ctimeMs } = stats;
  return {
    kind: isDirectory ? 'directory' : 'file',
    mark: isDirectory ? `${dev}:${ino}` : `${dev}:${ino}:${size}:${mtimeMs}`,
    isUnfinished: !isDirectory && size === 0,
    changedAt: ctimeMs,
  };
}
