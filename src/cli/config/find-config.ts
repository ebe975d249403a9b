// Finds the config file and reads its content. validate-config.ts decides what the content means.
import { existsSync, readFileSync } from 'node:fs';
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
  const labelOf = (path: string) => {
    const label = relative(here, path);
    return label.startsWith('..') ? path : label;
  };
  const paths = ENDINGS.map((ending) => join(directory, `graceful-run.config${ending}`));
  const files = paths.filter((path) => existsSync(path));
  const manifest = join(directory, MANIFEST);
  const inManifest = existsSync(manifest) ? await load(manifest, labelOf(manifest)) : null;
  const labels = [...files.map(labelOf), ...(inManifest ? [inManifest.label] : [])];
  if (labels.length > 1) {
    throw new UsageError(
      `${labels[0]} and ${labels[1]}: only one of them can hold the config; remove the other, or choose with --config`,
    );
  }
  const [file] = files;
  return file === undefined ? inManifest : load(file, labelOf(file));
}

async function readGiven(path: string, given: string): Promise<ConfigFile> {
  const refuse = (problem: string): never => {
    throw new UsageError(`--config '${given}': ${problem}`);
  };
  if (!ENDINGS.includes(extname(path))) refuse('a config file ends in .json, .mjs or .js');
  if (!existsSync(path)) refuse('there is no such file');
  return (await load(path, given)) ?? refuse(`there is no '${KEY}' in it`);
}

/** Null for a package.json without the key. */
async function load(path: string, label: string): Promise<ConfigFile | null> {
  try {
    if (basename(path) === MANIFEST) return fromManifest(path, label);
    const isJson = path.endsWith('.json');
    const content = isJson ? JSON.parse(readText(path)) : await importDefault(path);
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
async function importDefault(path: string): Promise<unknown> {
  const { default: exported } = await import(pathToFileURL(path).href);
  if (exported === undefined) throw new Error('it has no default export');
  return typeof exported === 'function' ? exported() : exported;
}

/** `:3` if the stack of the error names a line of the file. */
function lineOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, rest = ''] = stack.split(basename(path), 2);
  return /^:\d+/.exec(rest)?.[0] ?? '';
}
