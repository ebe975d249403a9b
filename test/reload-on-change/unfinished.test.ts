// A file that is gone or empty is about to be replaced: those who wait for the end of a burst are told so.
import assert from 'node:assert/strict';
import { renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import ignore from 'ignore';
import type { Eyes } from '../../src/reload-on-change/directory-watcher.js';
import { watchFiles } from '../../src/reload-on-change/file-watcher.js';
import { createRules } from '../../src/reload-on-change/ignore-rules.js';
import { watchTree } from '../../src/reload-on-change/tree-watcher.js';
import { directoryWith } from './watching.js';

/** Watch nothing: the test says itself what happens. */
const eyes: Eyes = { watch() {}, forget() {}, close() {}, ready: async () => {} };

type Saw = [path: string, unfinished: boolean][];

/** Does to a file all that makes it unfinished, and finishes it; `happened` is to look at it. */
function replaceInAllWays(file: string, happened: () => void, saw: Saw): void {
  const steps = [
    () => truncateSync(file),
    () => writeFileSync(file, 'two'),
    () => unlinkSync(file),
    () => writeFileSync(file, 'three'),
    () => unlinkSync(file),
    () => writeFileSync(file, ''),
    () => {
      writeFileSync(`${file}.new`, 'four');
      renameSync(`${file}.new`, file);
    },
  ];
  const unfinished = [true, false, true, false, true, true, false];
  for (const step of steps) {
    step();
    happened();
  }
  assert.deepEqual(
    saw,
    unfinished.map((one) => [file, one]),
  );
}

test('one that is loaded', (t: TestContext) => {
  const cwd = directoryWith(t, ['a.js']);
  const saw: Saw = [];
  const files = watchFiles(
    eyes,
    [cwd],
    (...all) => saw.push(all),
    () => {},
  );
  files.add(join(cwd, 'a.js'));
  replaceInAllWays(join(cwd, 'a.js'), () => files.happened(cwd, 'a.js'), saw);
});

test('one of the tree', async (t: TestContext) => {
  const root = directoryWith(t, ['a.js']);
  const saw: Saw = [];
  const tree = watchTree(eyes, {
    root,
    rules: createRules(ignore, { root, cwd: root, patterns: [] }),
    followLinks: false,
    saw: (...all) => saw.push(all),
    forget() {},
  });
  await tree.settled;
  replaceInAllWays(join(root, 'a.js'), () => tree.happened(root, 'a.js'), saw);
});
