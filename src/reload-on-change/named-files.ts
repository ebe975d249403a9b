// Files that a failed generation names: in its exception, or above it in the output, where Node shows code that cannot be
// parsed.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isWithin } from '../linux/paths.js';
import { look } from './file-stamp.js';

/** `open '/srv/a.json'`, `Cannot find module '/srv/a.mjs'`. */
const QUOTED = /(["'`])((?:file:\/\/)?\/[^\n]*?)\1/g;
/** What may be a path up to the end of the line, or a part of that. */
const BARE = /(?<=^|[\s(])(?:file:\/\/)?\/.*/;
/** Where it may end; paths may hold all of these. */
const ENDS = [/:\d+(?=\D|$)/, /: /, /\)(?: \{)?$/, /$/, /[\s)]/];
/** Lines of a program that are none of an exception may name what it writes. */
const OF_EXCEPTION = /^\s+at |^(?:file:\/\/)?\/.*:\d+$/;

/**
 * Absolute paths, each once: of files that are there, and of missing ones in quotes that may be made. `reason` of the
 * failure; `output`: the last lines of the worker.
 */
export function filesNamedIn(reason: string, output: readonly string[], cwd: string): string[] {
  const lines = [...reason.split('\n'), ...output.filter((line) => OF_EXCEPTION.test(line))];
  return [...new Set(lines.flatMap((line) => namedIn(line, cwd)))];
}

function namedIn(line: string, cwd: string): string[] {
  const quoted = [...line.matchAll(QUOTED)].map(([, , name]) => pathOf(name));
  const rest = line.replace(QUOTED, '""').split(' imported from ');
  const bare = rest.map((part) => bareIn(part));
  return [
    ...quoted.filter((path) => path !== null && (isFile(path) || mayBeMade(path, cwd))),
    ...bare,
  ].filter((path) => path !== null);
}

function bareIn(text: string): string | null {
  const [from = ''] = BARE.exec(text) ?? [];
  const paths = ENDS.map((end) => pathOf(from.slice(0, Math.max(0, from.search(end)))));
  return paths.find((path) => path !== null && isFile(path)) ?? null;
}

/** Nothing has this path; and it is not that of a URL, which looks the same. */
function mayBeMade(path: string, cwd: string): boolean {
  if (existsSync(path)) return false;
  const directory = dirname(path);
  return isWithin(path, cwd) || (directory !== '/' && look(directory).kind === 'directory');
}

export function isFile(path: string): boolean {
  return look(path).kind === 'file';
}

/** Of an absolute path or a file: URL; else null. */
export function pathOf(name: unknown): string | null {
  if (typeof name !== 'string') return null;
  if (name.startsWith('/')) return name;
  if (!name.startsWith('file:')) return null;
  try {
    // What follows a `?` only makes another module of the same file.
    return fileURLToPath(new URL(name.replace(/[?#].*$/, '')));
  } catch {
    return null;
  }
}
