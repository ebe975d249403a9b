// What a module imports, read from its text.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importedBy } from '../../src/master/imports.js';
import { scratch } from '../helpers/supervisor.js';

test('all that is imported by a path, in each form, and in a circle', (t) => {
  const directory = scratch(t);
  mkdirSync(join(directory, 'lib'));
  const files: Record<string, string> = {
    'app.mjs': `import a from './lib/a.mjs';
import './lib/b.mjs'; import fs from 'node:fs'; import express from 'express';
export * from "./lib/c.mjs"; export { d } from './lib/d.mjs'; await import('./lib/e.mjs');
import './lib/missing.mjs';`,
    'lib/a.mjs': "import '../app.mjs';\nimport {\n  x,\n} from './f.mjs';",
    'lib/b.mjs': "export const text = 'oops",
    ...{ 'lib/c.mjs': '', 'lib/d.mjs': '', 'lib/e.mjs': '', 'lib/f.mjs': '' },
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  assert.deepEqual(
    importedBy([join(directory, 'app.mjs')]).toSorted(),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => join(directory, `lib/${name}.mjs`)),
  );
  assert.deepEqual(importedBy([join(directory, 'nowhere.mjs'), directory]), []);
});
