import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationOf, rateOf } from './rate.js';
import { recordsOf } from './records-of.js';

test('a rate counts answers, from the first request to the end of the last', () => {
  const records = recordsOf([
    { due: 1100, took: 400 },
    { due: 1000, took: 20 },
    { due: 1200, took: 1 },
    { due: 1250, failure: 'refused' },
  ]);
  assert.equal(durationOf(records), 500);
  assert.equal(rateOf(records), 6);
});
