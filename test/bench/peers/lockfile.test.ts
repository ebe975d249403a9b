import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededBy } from './lockfile.js';

test('dependencies are found where Node would find them, each once', () => {
  const packages = {
    '': { dependencies: { a: '1' }, devDependencies: { tool: '1' } },
    'node_modules/a': { dependencies: { '@s/b': '1', c: '1' } },
    'node_modules/a/node_modules/c': { version: '1', dependencies: { d: '1', a: '1' } },
    'node_modules/@s/b': { optionalDependencies: { c: '2', elsewhere: '1' } },
    'node_modules/c': { version: '2', peerDependencies: { d: '1' } },
    'node_modules/d': {},
    'node_modules/tool': {},
  };
  assert.deepEqual(neededBy(packages, '').sort(), [
    '',
    'node_modules/@s/b',
    'node_modules/a',
    'node_modules/a/node_modules/c',
    'node_modules/c',
    'node_modules/d',
  ]);
  assert.deepEqual(neededBy(packages, 'node_modules/@s/b').sort(), [
    'node_modules/@s/b',
    'node_modules/c',
    'node_modules/d',
  ]);
});
