// Finds the config file and reads its content. validate-config.ts decides what the content means.
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError, UsageError } from '../../errors.js';

const ENDINGS = ['.json', '.mjs', '.js'];
const MANIFEST = 'package.json';
const NAMES = [...ENDINGS.map((ending) => `graceful-run.config${ending}`), MANIFEST];
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
  const paths = NAMES.map((name) => join(directory, name)).filter((path) => existsSync(path));
  const loaded = await Promise.all(paths.map((path) => load(path, relative(here, path))));
  const [first, second] = loaded.filter((file) => file !== null);
  if (first && second) {
    throw new UsageError(
      `${first.label} and ${second.label}: only one of them can hold the config; remove the other, or choose with --config`,
    );
  }
  return first ?? null;
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
    if (extname(path) !== '.json') return { path, label, content: await importDefault(path) };
    const text = readFileSync(path, 'utf8');
    if (basename(path) !== MANIFEST) return { path, label, content: JSON.parse(text) };
    // Whoever has no config there does not hear of mistakes in it.
    const content = text.includes(`"${KEY}"`) ? JSON.parse(text)[KEY] : undefined;
    return content === undefined ? null : { path, label: `${label}#${KEY}`, content };
  } catch (error) {
    throw new UsageError(`${label}${lineOf(error, path)}: ${describeError(error)}`);
  }
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
