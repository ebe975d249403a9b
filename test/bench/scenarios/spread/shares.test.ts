import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharesOf } from './shares.js';

test('an even spread', () => {
  assert.deepEqual(sharesOf([5, 5, 5, 5]), { lowest: 25, highest: 25, excess: 1 });
});

test('one has nothing, one has most', () => {
  assert.deepEqual(sharesOf([0, 10, 30]), { lowest: 0, highest: 75, excess: 2.25 });
});
