// How long a crashed worker waits for its replacement.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitAfter } from '../../src/core/backoff.js';

const exact = { base: 100, ceiling: 1500, stableAfter: 0, jitter: 0, seed: 0 };

test('there is no wait at first, then it doubles from the base to the ceiling', () => {
  const crashes = [0, 1, 2, 3, 4, 5, 6, 7, 50, 5000];
  const waits = crashes.map((count) => waitAfter(count, exact, count));
  assert.deepEqual(waits, [0, 0, 100, 200, 400, 800, 1500, 1500, 1500, 1500]);
});

test('a ceiling below the base is kept', () => {
  assert.equal(waitAfter(2, { ...exact, ceiling: 30 }, 1), 30);
});

test('jitter shortens a wait by no more than its share', () => {
  const jittery = { ...exact, jitter: 0.5 };
  const waits = Array.from({ length: 1000 }, (_, seed) => waitAfter(4, jittery, seed));
  assert.ok(waits.every((wait) => wait >= 200 && wait <= 400 && Number.isInteger(wait)));
  assert.ok(Math.min(...waits) < 220 && Math.max(...waits) > 380, 'and uses all of it');
});

test('jitter is the same for the same worker, and differs between workers', () => {
  const jittery = { ...exact, base: 10_000, ceiling: 10_000, jitter: 1 };
  const waits = [1, 2, 3, 4, 1].map((seed) => waitAfter(2, jittery, seed));
  assert.equal(waits[4], waits[0]);
  assert.equal(new Set(waits).size, 4);
});
