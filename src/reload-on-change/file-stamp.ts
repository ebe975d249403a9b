// What a path looks like: enough to tell that it changed, without reading it.
import { type Stats, statSync } from 'node:fs';

export interface Look {
  /** Sockets, pipes and devices count as nothing: a server makes them for itself. */
  readonly kind: 'file' | 'directory' | 'nothing';
  /** Differs when the path was written to, touched, replaced or led elsewhere. */
  readonly mark: string;
  readonly empty: boolean;
  /** Milliseconds since 1970 at which anything about it changed. Unlike the other times nobody can set it. */
  readonly changed: number;
  /** Its file system counts whole seconds: two saves within one look the same. */
  readonly coarse: boolean;
}

const NOTHING: Look = { kind: 'nothing', mark: '', empty: false, changed: 0, coarse: false };

/** Follows links. What cannot be looked at is nothing. */
export function look(path: string): Look {
  try {
    return lookOf(statSync(path, { throwIfNoEntry: false }));
  } catch {
    return NOTHING;
  }
}

export function lookOf(stats: Stats | undefined): Look {
  if (stats?.isDirectory()) {
    const mark = `${stats.dev}:${stats.ino}`;
    return { kind: 'directory', mark, empty: false, changed: stats.ctimeMs, coarse: false };
  }
  if (!stats?.isFile()) return NOTHING;
  return {
    kind: 'file',
    mark: `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`,
    empty: stats.size === 0,
    changed: stats.ctimeMs,
    coarse: stats.mtimeMs % 1000 === 0,
  };
}

/** Gone or empty: it is probably being replaced at this moment. */
export function isUnfinished({ kind, empty }: Look): boolean {
  return kind === 'nothing' || empty;
}
