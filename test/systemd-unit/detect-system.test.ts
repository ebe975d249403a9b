// How the version of systemd is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVersion } from '../../src/systemd-unit/detect-system.js';

test('the major version is read from what people and programs write', () => {
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
