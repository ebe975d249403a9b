import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsOf } from './records-of.js';
import { afterWarmUp, reloadSpan, requestsIn, worstP99 } from './windows.js';

test('a reload lasts a second, or until the new worker serves alone', () => {
  assert.deepEqual(reloadSpan(5000, 5100, 5150), { from: 4900, to: 5900 });
  assert.deepEqual(reloadSpan(5000, 5100, 7000), { from: 4900, to: 7100 });
  assert.deepEqual(reloadSpan(5000, 7200, 5010), { from: 4900, to: 7300 });
  // Neither came to be.
  assert.deepEqual(reloadSpan(5000, null, null), { from: 4900, to: 5900 });
});

test('a request belongs to the time at which it was to be sent', () => {
  // In no order, as they end.
  const records = recordsOf([
    { due: 5900 },
    { due: 4899 },
    { due: 5899, took: 500 },
    { due: 4900 },
  ]);
  assert.deepEqual(requestsIn(records, { from: 4900, to: 5900 }), [2, 3]);
});

/** One request in each 10 ms; those of the span take longer, or fail. */
function every10Ms(until: number, slow: { from: number; to: number; took?: number }) {
  return recordsOf(
    Array.from({ length: until / 10 }, (_, i) => {
      const due = i * 10;
      if (due < slow.from || due >= slow.to) return { due };
      return slow.took === undefined ? { due, failure: 'refused' } : { due, took: slow.took };
    }),
  );
}

test('the worst second tells a short failure, however long the old worker stays', () => {
  // 2 of a hundred requests of its second, and of 300 in all.
  const records = every10Ms(3000, { from: 120, to: 140 });
  assert.equal(worstP99(records, { from: 0, to: 1000 }), Number.POSITIVE_INFINITY);
  assert.equal(worstP99(records, { from: 0, to: 3000 }), Number.POSITIVE_INFINITY);
});

test('the worst second may be at any place, the very end among them', () => {
  const early = every10Ms(3000, { from: 0, to: 500, took: 40 });
  assert.equal(worstP99(early, { from: 0, to: 3000 }), 40);
  const late = every10Ms(3000, { from: 2930, to: 2950, took: 30 });
  assert.equal(worstP99(late, { from: 0, to: 2950 }), 30);
  assert.equal(worstP99(late, { from: 0, to: 2930 }), 1);
});

test('one of a hundred that fails is not the 99th', () => {
  const records = every10Ms(2000, { from: 500, to: 510 });
  assert.equal(worstP99(records, { from: 0, to: 2000 }), 1);
});

test('a second without requests has no p99', () => {
  const records = every10Ms(1000, { from: 0, to: 0 });
  assert.equal(worstP99(records, { from: 0, to: 2500 }), Number.NaN);
});

test('the warm-up of a load is cut off by when the requests were due, however they end', () => {
  const records = recordsOf([
    { due: 1499, took: 2000 },
    { due: 1000 },
    { due: 1500 },
    { due: 1700 },
  ]);
  assert.deepEqual(afterWarmUp(records, 500), [2, 3]);
  assert.deepEqual(afterWarmUp(recordsOf([]), 500), []);
});
