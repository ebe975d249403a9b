// The pages of the documentation, and the commands that they tell a reader to type.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, root } from '../paths.js';

export interface PageCommand {
  /** As it stands in the page; lines that end with a backslash are joined. */
  readonly line: string;
  /** Why no test runs it, from `<!-- not run: reason -->` above its block; null for one that is run. */
  readonly skip: string | null;
}

/** All pages of the repository, as paths relative to its root. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...markdownBelow('docs'),
  ...markdownBelow('examples'),
];

/** Pages below a directory, as paths relative to the root of the repository. */
export function markdownBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(directory, name));
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The text of a page without its code blocks, in which neither headings nor links count. */
export function proseOf(page: string): string {
  return readPage(page).replaceAll(/^```.*?^```$/gms, '');
}

/** The lines of all `sh` blocks of a page, in the order in which a reader types them. */
export function commandsOf(page: string): PageCommand[] {
  const blocks = readPage(page).matchAll(
    /(?:^<!-- not run: ([^\n]*) -->\n+)?^```sh\n(.*?)\n```$/gms,
  );
  return [...blocks].flatMap(([, reason, text = '']) =>
    text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => ({ line, skip: reason ?? null })),
  );
}

/** The words of a command line, without a comment at its end. The pages know single quotes only. */
export function wordsOf(line: string): string[] {
  return [...line.replace(/\s#.*/, '').matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}

/** Why this machine cannot run the commands; false when it can. */
export function lacksProgram(commands: readonly PageCommand[]): string | false {
  const usesCurl = commands.some(({ line }) => /\bcurl /.test(line));
  return usesCurl && spawnSync('curl', ['--version']).error ? 'curl is not installed' : false;
}

/** Why this Node does not run what a page, or an example of that name, describes; false when it does. */
export function cannotRun(page: string): string | false {
  if (!page.includes('typescript-strip')) return false;
  const { stdout } = spawnSync(node, ['-p', 'process.features.typescript'], { encoding: 'utf8' });
  return stdout.trim() === 'strip' ? false : 'this Node does not strip types';
}
