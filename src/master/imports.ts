// Files that a module imports, for those that Node does not report: Node 22 is silent of one with a syntax error.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** So many are read; an app that has more is found out by what else it reports. What was installed is not. */
const MOST = 2000;
/** Of `import x from './y.js'`, `import './y.js'`, `export * from './y.js'`, `import('./y.js')`. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/** What may be left out of a specifier where a tool resolves it, as tsx does. */
const ENDINGS = ['.ts', '.tsx', '.js', '.jsx', '.json', '.mts', '.cts', '.mjs', '.cjs'];

/** All that is imported by a path, from `files` and from there on; no file of `files` among it. */
export function importedBy(files: Iterable<string>): string[] {
  const seen = new Set(files);
  const given = seen.size;
  let read = 0;
  for (const file of seen) {
    if (file.includes('/node_modules/')) continue;
    read += 1;
    if (read > MOST) break;
    for (const [, name = ''] of textOf(file).matchAll(SPECIFIER)) {
      for (const path of meantBy(resolve(dirname(file), name))) seen.add(path);
    }
  }
  return [...seen].slice(given);
}

/** The files that may be loaded for a path: itself, what it is compiled from, or what it is short for. */
function meantBy(path: string): string[] {
  const source = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  const files = [...new Set([path, source, path.replace(/\.js$/, '.tsx')])].filter(isFile);
  if (files.length > 0) return files;
  const longer = [path, join(path, 'index')].flatMap((one) => ENDINGS.map((end) => one + end));
  return longer.filter(isFile).slice(0, 1);
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
