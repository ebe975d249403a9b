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
  /** The file system counts whole seconds: after two saves within one second the mark is the same. */
  readonly isCoarse: boolean;
}

const NOTHING: FileStamp = {
  kind: 'nothing',
  mark: '',
  isUnfinished: true,
  changedAt: 0,
  isCoarse: false,
};

/** Follows links. A path that cannot be looked up is of the kind 'nothing'. */
export function stampOf(path: string): FileStamp {
  return stampFrom(attempt(() => statSync(path, { throwIfNoEntry: false })));
}

/** The same, but of a link itself: what is written through it does not count. */
export function stampOfEntry(path: string): FileStamp {
  return stampFrom(attempt(() => lstatSync(path, { throwIfNoEntry: false })));
}

function stampFrom(stats: Stats | undefined): FileStamp {
  const isDirectory = stats?.isDirectory() ?? false;
  if (!stats || !(isDirectory || stats.isFile() || stats.isSymbolicLink())) return NOTHING;
  const { dev, ino, size, mtimeMs, ctimeMs } = stats;
  return {
    kind: isDirectory ? 'directory' : 'file',
    mark: isDirectory ? `${dev}:${ino}` : `${dev}:${ino}:${size}:${mtimeMs}`,
    isUnfinished: !isDirectory && size === 0,
    changedAt: ctimeMs,
    isCoarse: !isDirectory && mtimeMs % 1000 === 0,
  };
}

function attempt(look: () => Stats | undefined): Stats | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
