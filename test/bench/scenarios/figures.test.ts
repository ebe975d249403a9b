import assert from 'node:assert/strict';
import { test } from 'node:test';
import { single, spread } from './figures.js';

const LOST = Number.POSITIVE_INFINITY;

test('a spread is a median with its quartiles', () => {
  assert.deepEqual(spread([5, 1, 3, 2, 4], 1), { median: 3, low: 2, high: 4, digits: 1 });
  assert.equal(spread([]), null);
});

test('requests that were never answered are no number', () => {
  assert.deepEqual(spread([1, 2, 3, LOST]), { median: 2.5, digits: 0 });
  assert.equal(spread([1, LOST, LOST]), 'failed');
  assert.equal(single(LOST), 'failed');
  assert.equal(single(Number.NaN), null);
  assert.deepEqual(single(2, 1), { median: 2, digits: 1 });
});
