// Finds the config file and reads its content. validate-config.ts decides what the content means.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError, UsageError } from '../../errors.js';

const ENDINGS = ['.json', '.mjs', '.js'];
const MANIFEST = 'package.json';
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
  const present = (name: string) => {
    const path = join(directory, name);
    const label = relative(here, path);
    return existsSync(path) ? [{ path, label: label.startsWith('..') ? path : label }] : [];
  };
  const files = ENDINGS.flatMap((ending) => present(`graceful-run.config${ending}`));
  const manifests = await Promise.all(present(MANIFEST).map(load));
  const inManifest = manifests.find((found) => found !== null);
  const [first, second] = inManifest ? [...files, inManifest] : files;
  if (first && second) {
    throw new UsageError(
      `${first.label} and ${second.label}: only one of them can hold the config; remove the other, or choose with --config`,
    );
  }
  const [file] = files;
  return file ? load(file) : (inManifest ?? null);
}

async function readGiven(path: string, given: string): Promise<ConfigFile> {
  const problem = problemWith(path, given);
  if (problem !== null) throw new UsageError(`--config '${given}': ${problem}`);
  const found = await load({ path, label: given });
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
  return ENDINGS.includes(extname(path)) ? null : 'a config file ends in .json, .mjs or .js';
}

/** Null for a package.json without the key. */
async function load({ path, label }: Omit<ConfigFile, 'content'>): Promise<ConfigFile | null> {
  try {
    if (basename(path) === MANIFEST) return fromManifest(path, label);
    const content = path.endsWith('.json')
      ? JSON.parse(readText(path))
      : await importDefault(pathToFileURL(path).href);
    return { path, label, content };
  } catch (error) {
    throw new UsageError(`${label}${lineOf(error, path)}: ${describeError(error)}`);
  }
}

/** A file that does not contain the name of the key is not even parsed. */
function fromManifest(path: string, label: string): ConfigFile | null {
  const text = readText(path);
  const manifest: object = text.includes(`"${KEY}"`) ? JSON.parse(text) : {};
  const entry = Object.entries(manifest).find(([key]) => key === KEY);
  return entry ? { path, label: `${label}#${KEY}`, content: entry[1] } : null;
}

function readText(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
}

/** The default export; if it is a function, what that returns or resolves to. */
async function importDefault(url: string): Promise<unknown> {
  const { default: exported } = await import(url);
  if (exported === undefined) throw new Error('it has no default export');
  return typeof exported === 'function' ? exported() : exported;
}

/** `:3` if the stack of the error names a line of the file. */
function lineOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, rest = ''] = stack.split(basename(path), 2);
  return /^:\d+/.exec(rest)?.[0] ?? '';
}
