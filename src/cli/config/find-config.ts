// The config file: where it is, and what is in it as it stands there. What that means is read elsewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describeError, UsageError } from '../../errors.js';
import { formatDuration } from '../../text/duration.js';
import { describeFlaw } from '../json-flaw.js';

const NAMES = ['json', 'mjs', 'js'].map((ending) => `graceful-run.config.${ending}`);
const KEY = 'graceful-run';

/** Milliseconds: a promise that nobody keeps would let Node leave without a word. */
const LIMIT = 10_000;

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** How messages call it. */
  readonly label: string;
  readonly content: unknown;
}

/**
 * The file that is `asked` for, seen from `here`, else the one in `directory`; null for none. Throws UsageError
 * for a file that cannot be read, and when there are two.
 */
export async function readConfigFile(
  here: string,
  directory: string,
  asked: string | undefined,
  limit = LIMIT,
): Promise<ConfigFile | null> {
  if (asked === 'none') return null;
  if (asked === '') throw new UsageError("--config '': write a path, or none");
  if (asked !== undefined) {
    const path = resolve(here, asked);
    assertReadable(path, asked);
    if (basename(path) !== 'package.json') return load(path, asked, limit);
    const found = inPackageJson(path, asked);
    if (found !== null) return found;
    throw new UsageError(`--config '${asked}': there is no '${KEY}' in it`);
  }
  const labelOf = (path: string) => {
    const label = relative(here, path);
    return label.startsWith('..') ? path : label;
  };
  const paths = NAMES.map((name) => join(directory, name)).filter((path) => existsSync(path));
  const manifest = join(directory, 'package.json');
  const inManifest = existsSync(manifest) ? inPackageJson(manifest, labelOf(manifest)) : null;
  const [first, second] = [...paths.map(labelOf), ...(inManifest ? [inManifest.label] : [])];
  if (second !== undefined) {
    throw new UsageError(
      `${first} and ${second}: only one of them can hold the config; remove the other, or choose with --config`,
    );
  }
  const [path] = paths;
  return path === undefined ? inManifest : load(path, labelOf(path), limit);
}

function assertReadable(path: string, asked: string): void {
  const refuse = (problem: string) => {
    throw new UsageError(`--config '${asked}': ${problem}`);
  };
  try {
    if (statSync(path).isDirectory()) refuse('this is a directory');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    refuse(describeError(error));
  }
  if (!['.json', '.mjs', '.js'].includes(extname(path))) {
    refuse('a config file ends in .json, .mjs or .js');
  }
}

/** Most of these files say nothing of us, and are not even parsed. */
function inPackageJson(path: string, label: string): ConfigFile | null {
  const text = readText(path, label);
  if (!text.includes(`"${KEY}"`)) return null;
  const all = parseJson(text, label);
  if (typeof all !== 'object' || all === null || !Object.hasOwn(all, KEY)) return null;
  return { path, label: `${label}#${KEY}`, content: (all as Record<string, unknown>)[KEY] };
}

async function load(path: string, label: string, limit: number): Promise<ConfigFile> {
  const content = path.endsWith('.json')
    ? parseJson(readText(path, label), label)
    : await exportOf(path, label, limit);
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
  } catch {
    throw new UsageError(`${label}, ${describeFlaw(text)}`);
  }
}

/** The default export, or what it resolves to when it is a function. */
async function exportOf(path: string, label: string, limit: number): Promise<unknown> {
  const evaluate = async () => {
    const { default: exported } = await import(pathToFileURL(path).href);
    if (exported === undefined) throw new Error('it has no default export');
    return typeof exported === 'function' ? await exported() : exported;
  };
  try {
    return await within(limit, evaluate());
  } catch (error) {
    throw new UsageError(`${label}${lineOf(error, path)}: ${describeError(error)}`);
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const limit = wait(ms, null, { signal: done.signal }).then(() => {
    throw new Error(`no config after ${formatDuration(ms)}`);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    limit.catch(() => {});
    done.abort();
  }
}

/** `:3` where the line of the file is known. */
function lineOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const found = lineIn(stack, path);
  if (found !== '' || !(error instanceof SyntaxError)) return found;
  // Where a module is no JavaScript, Node tells only who is about to die of it.
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
  return lineIn(stderr, path);
}

function lineIn(text: string, path: string): string {
  const [, rest = ''] = text.split(basename(path), 2);
  return /^:\d+/.exec(rest)?.[0] ?? '';
}
