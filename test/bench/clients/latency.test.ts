import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyOf, lateOf, percentile, tookOf } from './latency.js';
import { recordsOf } from './records-of.js';

const hundred = Array.from({ length: 100 }, (_, i) => i + 1);

test('a percentile is a value that was seen', () => {
  const sorted = Float64Array.from(hundred);
  assert.deepEqual(
    [0, 50, 99, 99.5, 100].map((percent) => percentile(sorted, percent)),
    [1, 50, 99, 100, 100],
  );
  assert.equal(percentile(Float64Array.of(4), 99), 4);
  assert.ok(Number.isNaN(percentile(new Float64Array(), 99)));
});

test('times are those of the chosen requests only', () => {
  const records = recordsOf(hundred.map((ms) => ({ due: ms, took: ms })));
  const took = tookOf(records, hundred.slice(0, 10));
  assert.deepEqual(took, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(latencyOf(took.toReversed()), { p50: 6, p99: 11, most: 11 });
});

test('a failed request is slower than every answer, however soon it failed', () => {
  const records = recordsOf([
    { due: 0, took: 5 },
    { due: 1, took: 0.1, failure: 'refused' },
    { due: 2, took: 7 },
  ]);
  const p99 = Number.POSITIVE_INFINITY;
  assert.deepEqual(latencyOf(tookOf(records, [0, 1, 2])), { p50: 7, p99, most: 7 });
  assert.ok(Number.isNaN(latencyOf(tookOf(records, [1])).most));
});

test('how late the client was is its own figure, and part of the time', () => {
  const records = recordsOf([
    { due: 0, late: 0.5, took: 5 },
    { due: 1, late: 3, took: 7 },
    { due: 2, late: 1, failure: 'refused' },
  ]);
  assert.deepEqual(lateOf(records, [0, 2]), [0.5, 1]);
  assert.deepEqual(tookOf(records, [0, 1]), [5, 7]);
});
