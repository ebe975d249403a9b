// Finds the config file and reads its content. validate-config.ts decides what the content means.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError, UsageError } from '../../errors.js';

const NAMES = ['json', 'mjs', 'js'].map((ending) => `graceful-run.config.${ending}`);
const KEY = 'graceful-run';

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** How messages name the file. */
  readonly label: string;
  readonly content: unknown;
}

/**
 * Reads the file `given` (relative to `here`), else the one in `directory`; null if there is none. Throws UsageError if
 * the file cannot be read, or if `directory` has more than one.
 */
export async function readConfigFile(
  here: string,
  directory: string,
  given: string | undefined,
): Promise<ConfigFile | null> {
  if (given === 'none') return null;
  if (given !== undefined) return readGiven(resolve(here, given), given);
  const labelOf = (path: string) => {
    const label = relative(here, path);
    return label.startsWith('..') ? path : label;
  };
  const paths = NAMES.map((name) => join(directory, name)).filter((path) => existsSync(path));
  const manifest = join(directory, 'package.json');
  const inManifest = existsSync(manifest) ? readManifest(manifest, labelOf(manifest)) : null;
  const [first, second] = [...paths.map(labelOf), ...(inManifest ? [inManifest.label] : [])];
  if (second !== undefined) {
    throw new UsageError(
      `${first} and ${second}: only one of them can hold the config; remove the other, or choose with --config`,
    );
  }
  const [path] = paths;
  return path === undefined ? inManifest : load(path, labelOf(path));
}

async function readGiven(path: string, given: string): Promise<ConfigFile> {
  const problem = problemWith(path, given);
  if (problem !== null) throw new UsageError(`--config '${given}': ${problem}`);
  if (basename(path) !== 'package.json') return load(path, given);
  const found = readManifest(path, given);
  if (found === null) throw new UsageError(`--config '${given}': there is no '${KEY}' in it`);
  return found;
}

function problemWith(path: string, given: string): string | null {
  if (given === '') return 'write a path, or none';
  try {
    if (statSync(path).isDirectory()) return 'this is a directory';
  } catch (error) {
    return describeError(error);
  }
  const isKnown = ['.json', '.mjs', '.js'].includes(extname(path));
  return isKnown ? null : 'a config file ends in .json, .mjs or .js';
}

/** The key of package.json; null if it is not there. A file that does not contain its name is not even parsed. */
function readManifest(path: string, label: string): ConfigFile | null {
  const text = readText(path, label);
  if (!text.includes(`"${KEY}"`)) return null;
  const manifest = parseJson(text, label);
  if (typeof manifest !== 'object' || manifest === null) return null;
  const entry = Object.entries(manifest).find(([key]) => key === KEY);
  return entry ? { path, label: `${label}#${KEY}`, content: entry[1] } : null;
}

async function load(path: string, label: string): Promise<ConfigFile> {
  const isJson = path.endsWith('.json');
  const content = isJson
    ? parseJson(readText(path, label), label)
    : await importDefault(path, label);
  return { path, label, content };
}

function readText(path: string, label: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`${label}: ${describeError(error)}`);
  }
}

function parseJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${label}: ${describeError(error)}`);
  }
}

/** The default export; if it is a function, what that returns or resolves to. */
async function importDefault(path: string, label: string): Promise<unknown> {
  try {
    const { default: exported } = await import(pathToFileURL(path).href);
    if (exported === undefined) throw new Error('it has no default export');
    return typeof exported === 'function' ? await exported() : exported;
  } catch (error) {
    throw new UsageError(`${label}${lineOf(error, path)}: ${describeError(error)}`);
  }
}

/** `:3` if the stack of the error names a line of the file. */
function lineOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, rest = ''] = stack.split(basename(path), 2);
  return /^:\d+/.exec(rest)?.[0] ?? '';
}
