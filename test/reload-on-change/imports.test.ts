// What a module imports, read from its text.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { importedBy } from '../../src/reload-on-change/imports.js';
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
    [
      ...['a', 'b', 'c', 'd', 'e', 'f', 'missing'].map((name) => `lib/${name}.mjs`),
      'lib/missing.mts',
    ]
      .map((name) => join(directory, name))
      .toSorted(),
  );
  assert.deepEqual(importedBy([join(directory, 'nowhere.mjs'), directory]), []);
});

test('what a path may be short for, or compiled from', (t) => {
  const directory = scratch(t);
  const path = (name: string) => join(directory, name);
  const specifiers = ['./a', './b.js', './c.mjs', './d', './both.js', './view.jsx', './page.js'];
  const text = specifiers.map((one) => `import '${one}';`).join('\n');
  mkdirSync(path('d'));
  const files = [
    'a.ts',
    'b.ts',
    'c.mts',
    'd/index.ts',
    'both.js',
    'both.ts',
    'view.tsx',
    'page.tsx',
  ];
  for (const name of [...files, 'a.json']) writeFileSync(path(name), '');
  writeFileSync(path('app.ts'), text);
  assert.deepEqual(importedBy([path('app.ts')]), files.map(path));
});

test('a directory, a query, an escape and a template', (t) => {
  const directory = scratch(t);
  const path = (name: string) => join(directory, name);
  mkdirSync(path('in'));
  const texts: Record<string, string> = {
    'in/app.ts':
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of the program that is read.
      "import '.'; import '..'; import './a.ts?v=1'; import './a%20b.ts'; import './50%.ts'; import(`./c.ts`); import(`./${n}.ts`);",
    ...{ 'in/index.ts': '', 'in.ts': '', 'index.ts': '', 'in/a.ts': '' },
    ...{ 'in/a b.ts': '', 'in/50%.ts': '', 'in/c.ts': '' },
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(path(name), text);
  const found = ['in/index.ts', 'index.ts', 'in/a.ts', 'in/a b.ts', 'in/50%.ts', 'in/c.ts'];
  assert.deepEqual(importedBy([path('in/app.ts')]), found.map(path));
});

test('of what is not there, all that it may become', (t) => {
  const directory = scratch(t);
  const app = join(directory, 'app.ts');
  writeFileSync(app, "import './x/lib.js'; import './short';");
  const found = importedBy([app]).map((path) => relative(directory, path));
  assert.deepEqual(found.slice(0, 3), ['x/lib.js', 'x/lib.ts', 'x/lib.tsx']);
  for (const name of ['short', 'short.ts', 'short.cjs', 'short/index.ts', 'short/index.json']) {
    assert.ok(found.includes(name), name);
  }
});

test('what was installed is not read', (t) => {
  const directory = scratch(t);
  const installed = join(directory, 'node_modules/one');
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'index.mjs'), "import './other.mjs';");
  writeFileSync(join(installed, 'other.mjs'), '');
  assert.deepEqual(importedBy([join(installed, 'index.mjs')]), []);
});

test('what is no file, or too large to be code, is not read', (t) => {
  const directory = scratch(t);
  const path = (name: string) => join(directory, name);
  execFileSync('mkfifo', [path('pipe.mjs')]);
  writeFileSync(path('other.mjs'), '');
  writeFileSync(path('large.mjs'), `import './other.mjs';${' '.repeat(1_000_000)}`);
  assert.deepEqual(importedBy([path('pipe.mjs'), path('large.mjs'), '/dev/zero']), []);
});

test('text that goes on and on is read in no time', (t) => {
  const directory = scratch(t);
  const path = join(directory, 'spaces.mjs');
  writeFileSync(path, `from${' '.repeat(500_000)}`);
  const before = process.cpuUsage();
  assert.deepEqual(importedBy([path]), []);
  // Tried at each space anew it would be minutes.
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});
