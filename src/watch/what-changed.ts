// How a burst of changes reads in one line.
import { relative } from 'node:path';
import { isWithin, realPath } from './within.js';

/** `src/a.js`, `src/a.js and src/b.js`, `src/a.js and 12 more`: seen from `cwd`, which may be named by a link. */
export function describeChange(paths: readonly string[], cwd: string): string {
  const [first, second] = paths;
  if (first === undefined) return 'nothing';
  if (second === undefined) return seenFrom(cwd, first);
  if (paths.length === 2) return `${seenFrom(cwd, first)} and ${seenFrom(cwd, second)}`;
  return `${seenFrom(cwd, first)} and ${paths.length - 1} more`;
}

/** The shortest of its names; a directory that `cwd` is in, or is, has only its own. */
function seenFrom(cwd: string, path: string): string {
  if (isWithin(cwd, path)) return path;
  const names = [path, relative(cwd, path), relative(realPath(cwd), path)];
  return names.reduce((one, other) => (other.length < one.length ? other : one));
}
