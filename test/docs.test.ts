// The pages that a user reads: each link leads somewhere, and what the pages list is what the program has.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { SIGNALS } from '../src/master/signals.js';
import { helpText } from './helpers/documents/help-text.js';
import { markdownBelow, pages, proseOf, readPage } from './helpers/documents/pages.js';
import { root } from './helpers/paths.js';
import { COMMAND_LINE_PAGE, commandLinePage } from './helpers/write-command-line.js';

/** Options of other programs that the pages mention. */
const FOREIGN_OPTIONS = [
  ...['import', 'require', 'preload', 'pdeathsig', 'global', 'run', 'test'],
  ...['init', 'stop-timeout', 'signal', 'now', 'peers', 'write', 'unix-socket'],
];

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** Rows of the first table under a heading of a page. */
function tableUnder(page: string, heading: string): string[][] {
  const text = readPage(page);
  const at = text.indexOf(`\n${heading}\n`);
  assert.ok(at !== -1, `${page} has the heading ${heading}`);
  const rows = /(?:^\|.*\n)+/m.exec(text.slice(at))?.[0].trim().split('\n') ?? [];
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const longFlags = (text: string) =>
  [...text.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, flag = '']) => flag);

async function optionsOf(...command: string[]): Promise<string[]> {
  const options = /^Options:\n([\s\S]*?)\n\n/m.exec(`${await helpText(...command)}\n\n`)?.[1] ?? '';
  return [...options.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag = '']) => flag);
}

test('each link of a page leads to a file and a heading that exist', () => {
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      const isThere =
        existsSync(join(root, file)) &&
        (anchor === undefined || (file.endsWith('.md') && anchorsOf(file).includes(anchor)));
      if (!isThere) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('each path of the source that a page names exists', () => {
  const missing = ['CONTRIBUTING.md', ...markdownBelow('docs')].flatMap((page) =>
    [...readPage(page).matchAll(/`((?:src|native-free-shims|test)\/[\w./-]+)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  );
  assert.deepEqual(missing, []);
});

test('the index of the documentation lists each page once', () => {
  const listed = [...readPage('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(
    ([, name = '']) => name,
  );
  const existing = markdownBelow('docs').map((page) => relative('docs', page));
  assert.deepEqual(listed.toSorted(), existing.filter((name) => name !== 'README.md').toSorted());
});

test('the pages name no option that does not exist', async () => {
  const commands = [[], ['dev'], ['unit'], ['reload'], ['status'], ['stop'], ['scale']];
  const options = await Promise.all(commands.map((command) => optionsOf(...command)));
  const known = new Set([...options.flat(), ...FOREIGN_OPTIONS]);
  const unknown = ['README.md', ...markdownBelow('docs'), ...markdownBelow('examples')].flatMap(
    (page) =>
      longFlags(readPage(page))
        .filter((flag) => !known.has(flag))
        .map((flag) => `${page}: --${flag}`),
  );
  assert.deepEqual(unknown, []);
});

test('the tables on the page of the command line are those of the option table', () => {
  const written = readPage(COMMAND_LINE_PAGE).split('\n');
  const expected = commandLinePage().split('\n');
  const differences = expected.filter((line, at) => line !== written[at]);
  assert.deepEqual(differences, [], 'run `npm run docs`');
});

test('the messages that are explained under troubleshooting are those of the program', () => {
  const source = ['src', 'native-free-shims'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.d)\.ts$/.test(name) && !/node_modules|dist/.test(name))
      .map((name) => readFileSync(join(root, directory, name), 'utf8')),
  );
  const text = source.join('\n');
  const messages = [...readPage('docs/troubleshooting.md').matchAll(/^(?:### |\| )`([^`]+)`/gm)];
  const parts = messages.flatMap(([, message = '']) => message.split(/…|\d+/));
  const unknown = parts.map((part) => part.trim()).filter((part) => !text.includes(part));
  assert.deepEqual(unknown, []);
  assert.ok(messages.length > 20);
});

test('the page of the signals lists those that the master handles', () => {
  const stated = tableUnder('docs/signals-and-exit-codes.md', '## Signals to the master');
  const handled = SIGNALS.map(({ signals, meaning }) => [
    signals.map((signal) => signal.slice(3)).join(', '),
    meaning,
  ]);
  assert.deepEqual(stated, handled);
});
