import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyOf, percentile } from './latency.js';
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

test('latencies are those of the chosen requests only', () => {
  const records = recordsOf(hundred.map((ms) => ({ due: ms, took: ms })));
  assert.deepEqual(latencyOf(records, hundred.slice(0, 10)), {
    ...{ requests: 10, failed: 0, p50: 6, p99: 11, most: 11 },
  });
});

test('a failed request is slower than every answer, however soon it failed', () => {
  const records = recordsOf([
    { due: 0, took: 5 },
    { due: 1, took: 0.1, failure: 'refused' },
    { due: 2, took: 7 },
  ]);
  assert.deepEqual(latencyOf(records, [0, 1, 2]), {
    ...{ requests: 3, failed: 1, p50: 7, p99: Number.POSITIVE_INFINITY, most: 7 },
  });
  assert.ok(Number.isNaN(latencyOf(records, [1]).most));
});
