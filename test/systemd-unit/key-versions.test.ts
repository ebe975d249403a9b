// How versions are read, and what is known since when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knows, readVersion } from '../../src/systemd-unit/key-versions.js';

test('versions as people and programs write them', () => {
  const rows: [text: string, version: number | null][] = [
    ['252', 252],
    [' v257 ', 257],
    ['252.39-1~deb12u2', 252],
    ['systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT', 252],
    ['systemd 258~rc1 (258~rc1-1)', 258],
    ['', null],
    ['new', null],
    ['25', null],
    ['2520', null],
  ];
  for (const [text, version] of rows) assert.equal(readVersion(text), version, text);
});

test('a key is known from its version on', () => {
  assert.deepEqual(
    [252, 253].map((one) => knows(one, 'OpenFile')),
    [false, true],
  );
  assert.deepEqual(
    [246, 247].map((one) => knows(one, 'ProtectProc')),
    [false, true],
  );
  assert.equal(knows(239, 'ExecStart'), true);
});
