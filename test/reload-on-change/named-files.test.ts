// The files that an exception names, in the words of Node, of tools, and of apps.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { filesNamedIn } from '../../src/reload-on-change/named-files.js';
import { scratch } from '../helpers/supervisor.js';

function naming(t: TestContext) {
  const directory = scratch(t);
  const path = (name: string) => join(directory, name);
  const url = (name: string) => pathToFileURL(path(name)).href;
  mkdirSync(path('(group) a'));
  for (const name of ['app.mjs', 'a b.mjs', 'c.json', '(group) a/page.ts']) {
    writeFileSync(path(name), '');
  }
  return { directory, path, url, named: (text: string) => filesNamedIn(text, [], directory) };
}

test('where code is wrong, or was called', (t) => {
  const { path, url, named } = naming(t);
  assert.deepEqual(named(`${url('a b.mjs')}?v=1:3\nexport const a = = 1`), [path('a b.mjs')]);
  assert.deepEqual(
    named(`Error: no\n    at f (${path('a b.mjs')}:3:7)\n    at ${url('app.mjs')}:1:1`),
    [path('a b.mjs'), path('app.mjs')],
  );
  for (const text of [
    `Error: Transform failed with 1 error:\n${path('(group) a/page.ts')}:1:25: ERROR: Unexpected "="`,
    `    at async ${path('(group) a/page.ts')}:3:7 {`,
  ]) {
    assert.deepEqual(named(text), [path('(group) a/page.ts')]);
  }
  assert.deepEqual(named(`SyntaxError: ${path('c.json')}: Unexpected end of JSON input`), [
    path('c.json'),
  ]);
  assert.deepEqual(named(`Require stack:\n- ${path('app.mjs')}`), [path('app.mjs')]);
});

test('what is missing, and who lacks it', (t) => {
  const { directory, path, named } = naming(t);
  assert.deepEqual(
    named(`Cannot find module '${path('new/y.mjs')}' imported from ${path('a b.mjs')}`),
    [path('new/y.mjs'), path('a b.mjs')],
  );
  assert.deepEqual(named("ENOENT: no such file or directory, open '/tmp/made-by-nobody.json'"), [
    '/tmp/made-by-nobody.json',
  ]);
  assert.deepEqual(named(`ENOTDIR: not a directory, scandir '${directory}'`), []);
});

test('nothing that is there and no file: whoever opened it might wait for ever', (t) => {
  const { path, named } = naming(t);
  execFileSync('mkfifo', [path('pipe')]);
  for (const one of ['/dev/tty', '/dev/zero', path('pipe'), path('(group) a')]) {
    assert.deepEqual(named(`Error: ENXIO: no such device or address, open '${one}'`), []);
  }
});

test('what only looks like a path', (t) => {
  const { named } = naming(t);
  for (const text of [
    "no route for '/api/users', nor for /api/groups:3",
    "the page '/about' is not there",
    'and/or http://127.0.0.1:80/x/y',
    '    at node:internal/main/run_main_module:28:49',
    'file://other/x:1',
    '/',
  ]) {
    assert.deepEqual(named(text), [], text);
  }
});

test('of the output only what belongs to an exception', (t) => {
  const { directory, path, url } = naming(t);
  const output = [
    `writing ${path('c.json')}`,
    `'${path('c.json')}' is written`,
    `${url('app.mjs')}:1`,
    `    at f (${path('a b.mjs')}:3:7)`,
  ];
  assert.deepEqual(filesNamedIn('exited with status 1', output, directory), [
    path('app.mjs'),
    path('a b.mjs'),
  ]);
});
