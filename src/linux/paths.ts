// Which paths are below which, and the links on the way to them.
import { readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** As many as the kernel follows; see path_resolution(7). */
const MOST_LINKS = 40;

/** Whether `path` is `directory` or below it. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** The links that the kernel follows on the way to `path`, the last part of it included; each by its real path. */
export function linksOnTheWayTo(path: string): string[] {
  const links: string[] = [];
  const ahead = path.split('/').filter(Boolean);
  let at = '/';
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = join(at, part);
    const target = part === '..' ? null : targetOf(next);
    if (target === null || links.length >= MOST_LINKS) {
      at = next;
      continue;
    }
    links.push(next);
    ahead.unshift(...target.split('/').filter((one) => one !== '' && one !== '.'));
    if (target.startsWith('/')) at = '/';
  }
  return links;
}

/** Without links; as it is named when it cannot be found. */
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
