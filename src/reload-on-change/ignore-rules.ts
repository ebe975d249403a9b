// What is not watched of a tree: leftovers and build output, what .gitignore files name, what --watch-ignore names. One list,
// as git reads one file: of several patterns the last that fits decides, and nothing is looked for in an ignored directory.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isWithin } from '../linux/paths.js';

/** Of other tools; of build output only the names that hardly anybody gives to sources. */
const NEVER = [
  ...['node_modules', '.git', '.hg', '.svn', '.venv', 'venv', '__pycache__', '*.pyc'],
  ...['dist', 'build', 'out', 'coverage', '.next', '.nuxt', '.cache', '.turbo', '.nyc_output'],
  ...['*.log', '*.pid', '*.tsbuildinfo', '*.sqlite*', '*.db', '*.db-*'],
  // Written by editors for the time of a save.
  ...['4913', '*.sw[opx]', '*~', '.#*', '\\#*#', '.goutputstream-*', '*.tmp', '*___jb_???___'],
];

export const RULES_FILE = '.gitignore';

export interface IgnoreRules {
  /** `path` is below the root; the directory that it is in is not ignored. */
  ignores(path: string, isDirectory: boolean): boolean;
  /** Reads the .gitignore of `directory`, anew if need be. */
  read(directory: string): void;
  /** The directories above the root whose .gitignore counts: up to the top of its repository. */
  readonly above: readonly string[];
}

/** Of a tree at `root`. The patterns are those of --watch-ignore: with a slash relative to `cwd`, else for all names. */
export function createIgnoreRules(
  root: string,
  cwd: string,
  patterns: readonly string[],
): IgnoreRules {
  let above = directoriesAbove(root);
  /** The text of each .gitignore, by its directory. */
  const texts = new Map<string, string>();
  let list = compile();

  for (const directory of above) read(directory);
  // What is ignored and yet named, or run in, is meant: the files that ignore it do not count.
  if (above.length > 0 && list.ignores(`${root.slice(1)}/`)) {
    texts.clear();
    above = [];
    list = compile();
  }

  function compile(): Ignore {
    const all = ignore().add(NEVER.map((one) => anchor(one, root)));
    // The one nearest to a file has the last word, so outer ones come first.
    const outerFirst = [...texts].sort(([one], [other]) => one.length - other.length);
    for (const [directory, text] of outerFirst) {
      all.add(text.split(/\r?\n/).map((one) => anchor(one, directory)));
    }
    return all.add(patterns.map((one) => anchor(one, isAnchored(one) ? cwd : root)));
  }

  function read(directory: string): void {
    const text = textOf(join(directory, RULES_FILE));
    if (text === (texts.get(directory) ?? '')) return;
    texts.set(directory, text);
    list = compile();
  }

  return {
    read,
    above,
    ignores(path, isDirectory) {
      if (path === root || !isWithin(path, root)) return false;
      return list.ignores(isDirectory ? `${path.slice(1)}/` : path.slice(1));
    },
  };
}

/** A pattern of a file in `directory`, as it reads in a file at the root of the file system; see gitignore(5). */
function anchor(line: string, directory: string): string {
  const pattern = line.replace(/(?<!\\)\s+$/, '');
  if (pattern === '' || pattern.startsWith('#')) return '';
  const not = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(not.length);
  const rest = isAnchored(body) ? body.replace(/^\//, '') : `**/${body}`;
  return `${not}${literal(join(directory, '/'))}${rest}`;
}

/** Whether it says where, or only how what is ignored is called. */
function isAnchored(pattern: string): boolean {
  return pattern.slice(0, -1).includes('/');
}

/** A pattern for this path alone. */
export function literal(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, '\\$&');
}

/** The directories above this one up to the top of its repository; none if it is in no repository. */
function directoriesAbove(directory: string): string[] {
  const above: string[] = [];
  for (let at = directory; ; at = dirname(at)) {
    if (at !== directory) above.push(at);
    if (existsSync(join(at, '.git'))) return above;
    if (at === '/') return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
