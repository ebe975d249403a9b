// Which paths are inside a directory, and which symbolic links lead to a path.
import { readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The kernel follows no more links than this, path_resolution(7). */
const MAX_LINKS = 40;

/** Whether `path` is `directory` or below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** The real paths of the links that the kernel follows to reach `path`, including one at `path` itself. */
export function linksOnTheWayTo(path: string): string[] {
  const links: string[] = [];
  const ahead = path.split('/').filter(Boolean);
  let at = '/';
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = join(at, part);
    const target = part === '..' ? null : targetOf(next);
    if (target === null || links.length >= MAX_LINKS) {
      at = next;
      continue;
    }
    links.push(next);
    ahead.unshift(...target.split('/').filter((name) => name !== '' && name !== '.'));
    if (target.startsWith('/')) at = '/';
  }
  return links;
}

/**
 * The directories on which it depends what `directory` is, outer ones first, and itself: below one of `tops` the whole way,
 * elsewhere only the directory and the one above it.
 */
export function directoriesOnTheWayTo(directory: string, tops: readonly string[]): string[] {
  const top = tops.find((path) => isWithin(directory, path)) ?? directory;
  const way = [directory];
  for (let at = directory; at !== top; at = dirname(at)) way.unshift(dirname(at));
  return [dirname(top), ...way];
}

/** The path without symbolic links; unchanged if it does not exist. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function targetOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
