// How a time reads in a message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration } from '../../src/text/duration.js';

const readings: readonly [ms: number, text: string][] = [
  [0, '0ms'],
  [0.4, '0ms'],
  [250, '250ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1049, '1s'],
  [1500, '1.5s'],
  [9940, '9.9s'],
  [10_000, '10s'],
  [12_600, '13s'],
  [90_000, '90s'],
  [300_000, '300s'],
];

for (const [ms, text] of readings) {
  test(`${ms} ms reads ${text}`, () => assert.equal(formatDuration(ms), text));
}

test('what rounds to a second reads as one', () => {
  assert.equal(formatDuration(999.6), '1s');
});
