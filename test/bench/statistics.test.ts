import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from './statistics.js';

test('a summary is the median and the quartiles, between neighbours in proportion', () => {
  assert.deepEqual(summarize([4, 1, 3, 2]), { median: 2.5, low: 1.75, high: 3.25 });
  assert.deepEqual(summarize([7]), { median: 7, low: 7, high: 7 });
});

test('infinite values stay what they are', () => {
  const infinite = Number.POSITIVE_INFINITY;
  assert.deepEqual(summarize([1, infinite, 2]), { median: 2, low: 1.5, high: infinite });
  assert.deepEqual(summarize([infinite, infinite]).median, infinite);
});
