import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededBeyond, parsePackages } from './dpkg.js';

const TABLE = [
  'tool\tno\t51\t\tperl:any, libx (>= 1.2) | libabsent',
  'perl\tno\t670\tdpkg (>= 1.17.17)\tperl-base (= 5.36), libperl',
  'libperl\tno\t28900\t\tlibc6 (>= 2.35), perl',
  'libx\tno\t7\t\t',
  'perl-base\tyes\t7600\tlibc6\tdpkg',
  'dpkg\tyes\t6400\t\t',
  'libc6\tno\t12900\t\t',
  'other\tno\t1\t\ttool',
  '',
].join('\n');

test('a package is counted with what it needs, but not with what every system has', () => {
  const needed = neededBeyond([], parsePackages(TABLE), 'tool');
  assert.deepEqual(
    needed.map(({ name, kib }) => [name, kib]),
    [
      ['tool', 51],
      ['perl', 670],
      ['libx', 7],
      ['libperl', 28900],
    ],
  );
});

test('an interpreter is left out, and what it needs for itself', () => {
  const needed = neededBeyond(['perl'], parsePackages(TABLE), 'tool');
  assert.deepEqual(
    needed.map(({ name }) => name),
    ['tool', 'libx'],
  );
});

test('nothing is needed for a package that is not there', () => {
  assert.deepEqual(neededBeyond([], parsePackages(TABLE), 'nobody'), []);
});
