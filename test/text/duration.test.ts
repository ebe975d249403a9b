// How a time reads in a message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration } from '../../src/text/duration.js';

test('a time reads in whole milliseconds below a second, and in seconds above', () => {
  const rows: readonly [ms: number, text: string][] = [
    [0.4, '0ms'],
    [250, '250ms'],
    [999, '999ms'],
    [999.6, '1s'],
    [1049, '1s'],
    [1500, '1.5s'],
    [9940, '9.9s'],
    [12_600, '13s'],
    [300_000, '300s'],
  ];
  for (const [ms, text] of rows) assert.equal(formatDuration(ms), text);
});
