// The README is the product's face: its tables name what the program has, no more and no less.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OPTIONS } from '../src/cli/option-table.js';
import { SIGNALS } from '../src/master/signals.js';
import { helpText } from './helpers/help-text.js';
import { root } from './helpers/paths.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Rows of the table under a heading that contains `title`. */
function tableUnder(title: string): string[][] {
  const section = readme.slice(readme.indexOf(title));
  const rows = /(?:^\|.*\n)+/m.exec(section)?.[0].trim().split('\n') ?? [];
  return rows.slice(2).map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const longFlags = (text: string) => [...text.matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag);

test('every option is in the table, and nothing else is', async () => {
  const tables: [title: string, ...command: string[]][] = [
    ['## Command line'],
    ['## systemd', 'unit'],
  ];
  for (const [title, ...command] of tables) {
    const documented = tableUnder(title).flatMap(([flags = '']) => longFlags(flags));
    const options = /^Options:\n([\s\S]*?)\n\n/m.exec(await helpText(...command))?.[1] ?? '';
    const existing = [...options.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
    const own = ['--version', '--help'];
    assert.deepEqual(documented.sort(), existing.filter((one) => !own.includes(one ?? '')).sort());
  }
});

test('defaults are those of the program', () => {
  const stated = new Map(
    tableUnder('## Command line').map(([flags = '', value = '']) => [longFlags(flags)[0], value]),
  );
  const plain = (flag: string) => stated.get(flag)?.replaceAll('`', '');
  assert.equal(plain('--workers'), OPTIONS.workers.default);
  assert.equal(plain('--ready'), OPTIONS.ready.default);
  assert.equal(plain('--start-timeout'), OPTIONS.startTimeout.default);
  assert.equal(plain('--drain-timeout'), OPTIONS.drainTimeout.default);
  assert.equal(plain('--kill-timeout'), OPTIONS.killTimeout.default);
  assert.equal(plain('--stop-signal'), OPTIONS.stopSignal.default);
  assert.equal(plain('--max-crashes')?.split(' ')[0], OPTIONS.maxCrashes.default);
});

test('the signals are those that the master handles', () => {
  const stated = tableUnder('### Signals').map(([names, meaning]) => [names, meaning]);
  const handled = SIGNALS.map(({ signals, meaning }) => [
    signals.map((signal) => signal.slice(3)).join(', '),
    meaning,
  ]);
  assert.deepEqual(stated, handled);
});

test('what the README links to and lists exists', () => {
  const links = [...readme.matchAll(/\]\((?!http)([^)#]+)\)/g)].map(([, path]) => path ?? '');
  const map = /## Map of the source\n\n```\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const listed = [...map.matchAll(/^(\S+)/gm)].map(([, path]) => path ?? '');
  assert.ok(links.length > 0 && listed.length > 5);
  const missing = [...links, ...listed].filter((path) => !existsSync(join(root, path)));
  assert.deepEqual(missing, []);
});

test('it stays short enough to be read', () => {
  assert.ok(readme.split('\n').length <= 300);
});
