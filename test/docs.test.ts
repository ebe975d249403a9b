// The pages that a user reads: each link leads somewhere, and what the pages list is what the program has.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from './helpers/paths.js';

/** All pages, as paths relative to the root of the repository. */
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...markdownBelow('docs'),
  ...markdownBelow('examples'),
];

function markdownBelow(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(directory, name));
}

const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** The text of a page without its code blocks, in which neither headings nor links count. */
const prose = (page: string) => read(page).replaceAll(/^```.*?^```$/gms, '');

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
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

test('each link of a page leads to a file and a heading that exist', () => {
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, target = ''] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
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

test('the index of the documentation lists each page once', () => {
  const listed = [...read('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(
    ([, name]) => name ?? '',
  );
  const existing = markdownBelow('docs').map((page) => relative('docs', page));
  assert.deepEqual(listed.toSorted(), existing.filter((name) => name !== 'README.md').toSorted());
});
