// Files that a module imports, for those that Node does not report: Node 22 is silent of one with a syntax error, and all
// of one that is missing where a tool resolves it, as tsx does.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isFile, pathOf } from './named-files.js';

/** So many are read; an app that has more is found out by what else it reports. What was installed is not. */
const MOST = 2000;
/** Bytes; what is larger was written by no person. */
const LARGEST = 1_000_000;
/** Of `import x from './y.js'`, `import './y.js'`, `export * from '..'`, `import('./y.js?once')`; no template with a value. */
const SPECIFIER = /\b(?:from|import)\s*(?:\(\s*)?(["'`])(\.{1,2}(?:\/(?:(?!\1|\$\{)[^\n])*)?)\1/g;

/** What may be left out of a specifier where a tool resolves it, as tsx does. */
const ENDINGS = ['.ts', '.tsx', '.js', '.jsx', '.json', '.mts', '.cts', '.mjs', '.cjs'];

/**
 * All that is imported by a path, from `files` and from there on; no file of `files` among it. Of what is not there,
 * all the files that it may become.
 */
export function importedBy(files: Iterable<string>): string[] {
  const seen = new Set(files);
  const given = seen.size;
  let read = 0;
  for (const file of seen) {
    if (file.includes('/node_modules/')) continue;
    const text = textOf(file);
    if (text === '') continue;
    read += 1;
    if (read > MOST) break;
    for (const [, , name = ''] of text.matchAll(SPECIFIER)) {
      for (const path of meantBy(pathFrom(file, name))) seen.add(path);
    }
  }
  return [...seen].slice(given);
}

function pathFrom(file: string, name: string): string {
  const literal = resolve(dirname(file), name);
  if (isFile(literal)) return literal;
  const path = pathOf(new URL(name, pathToFileURL(file)).href) ?? literal;
  return path.endsWith('/') ? join(path, 'index') : path;
}

/**
 * The files that may be loaded for a path: itself, what it is compiled from, or what it is short for. Where none of them
 * is there yet: all that would do.
 */
export function meantBy(path: string): string[] {
  const source = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  const exact = [...new Set([path, source, path.replace(/\.js$/, '.tsx')])];
  const files = exact.filter(isFile);
  if (files.length > 0) return files;
  const longer = [path, join(path, 'index')].flatMap((one) => ENDINGS.map((end) => one + end));
  const first = longer.find(isFile);
  if (first !== undefined) return [first];
  return ENDINGS.some((end) => path.endsWith(end)) ? exact : [...exact, ...longer];
}

/** What is no file may never end, or hold up whoever opens it. */
function textOf(file: string): string {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}
