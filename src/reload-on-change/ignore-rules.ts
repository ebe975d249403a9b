// What is not watched of a tree: leftovers and build output, what .gitignore files name, what --watch-ignore names. One list,
// as git reads one file: of several patterns the last that fits decides, and nothing is looked for in an ignored directory.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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
  /** Reads the .gitignore of `directory`, anew if need be; tells whether that may change anything. */
  read(directory: string): boolean;
  /** The directories above the root whose .gitignore counts: up to the top of its repository. */
  readonly above: readonly string[];
}

export interface IgnoreRulesOptions {
  /** Where watching begins; absolute, as everywhere here. */
  readonly root: string;
  readonly cwd: string;
  /** Of --watch-ignore: with a slash relative to cwd, or to the root that is elsewhere; else for all names. */
  readonly patterns: readonly string[];
}

export function createIgnoreRules(options: IgnoreRulesOptions): IgnoreRules {
  const { root, cwd, patterns } = options;
  let above = directoriesAbove(root);
  const bases = [root, ...above, ...(isWithin(root, cwd) ? [cwd] : [])];
  const base = bases.reduce((one, other) => (other.length < one.length ? other : one));
  /** The text of each .gitignore, by its directory. */
  const texts = new Map<string, string>();
  let list = compile();

  for (const directory of above) read(directory);
  // What is ignored and yet named, or run in, is meant: the files that ignore it do not count.
  if (root !== base && list.ignores(`${relative(base, root)}/`)) {
    texts.clear();
    above = [];
    list = compile();
  }

  function compile(): Ignore {
    const all = ignore().add(NEVER.map((one) => anchor(one, relative(base, root))));
    // The one nearest to a file has the last word, so outer ones come first.
    const filled = [...texts].filter(([, text]) => text !== '');
    const outerFirst = filled.sort(([one], [other]) => one.length - other.length);
    for (const [directory, text] of outerFirst) {
      all.add(text.split(/\r?\n/).map((one) => anchor(one, relative(base, directory))));
    }
    const home = isWithin(cwd, base) ? relative(base, cwd) : '';
    return all.add(patterns.map((one) => (isAnchored(one) ? anchor(one, home) : one)));
  }

  function read(directory: string): boolean {
    const before = texts.get(directory);
    const text = textOf(join(directory, RULES_FILE));
    texts.set(directory, text);
    if (text === (before ?? '')) return false;
    list = compile();
    return before !== undefined;
  }

  return {
    read,
    above,
    ignores(path, isDirectory) {
      const name = relative(base, path);
      if (name === '' || name.startsWith('..') || path === root) return false;
      return list.ignores(isDirectory ? `${name}/` : name);
    },
  };
}

/** A pattern of a file in `folder`, as it reads in a file at the base; see gitignore(5). */
function anchor(line: string, folder: string): string {
  const pattern = line.replace(/(?<!\\)\s+$/, '');
  if (folder === '' || pattern === '' || pattern.startsWith('#')) return pattern;
  const not = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(not.length);
  const rest = isAnchored(body) ? body.replace(/^\//, '') : `**/${body}`;
  return `${not}/${literal(folder)}/${rest}`;
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
