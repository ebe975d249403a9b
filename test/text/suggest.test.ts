// Which word a mistyped one is taken for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from '../../src/text/suggest.js';

test('the nearest word is one that could have been meant', () => {
  const choices = ['backlog', 'mode', 'owner', 'for', 'v6only'];
  const rows: [string, string | null][] = [
    ['bakclog', 'backlog'],
    ['Mode', 'mode'],
    ['onwer', 'owner'],
    ['four', 'for'],
    ['ipv6only', 'v6only'],
    ['something', null],
    ['', null],
  ];
  for (const [word, expected] of rows) assert.equal(nearest(word, choices), expected, word);
});
