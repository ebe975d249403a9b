// Files that a module imports, for those that Node does not report: Node 22 is silent of one with a syntax error.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** So many are read; an app that has more is found out by what else it reports. */
const MOST = 2000;
/** Of `import x from './y.js'`, `import './y.js'`, `export * from './y.js'`, `import('./y.js')`. */
const SPECIFIER = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/** All that is imported by a path, from `files` and from there on; no file of `files` among it. */
export function importedBy(files: Iterable<string>): string[] {
  const seen = new Set(files);
  const given = seen.size;
  for (const file of seen) {
    if (seen.size - given > MOST) break;
    for (const [, name = ''] of textOf(file).matchAll(SPECIFIER)) {
      const path = resolve(dirname(file), name);
      if (existsSync(path)) seen.add(path);
    }
  }
  return [...seen].slice(given);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
