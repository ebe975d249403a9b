import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordsOf } from './records-of.js';
import { afterWarmUp, reloadWindow, split } from './windows.js';

test('the window of a reload is a second, or lasts until the new worker serves alone', () => {
  assert.deepEqual(reloadWindow(5000, 5100, 5150), { from: 4900, to: 5900 });
  assert.deepEqual(reloadWindow(5000, 5100, 7000), { from: 4900, to: 7100 });
  assert.deepEqual(reloadWindow(5000, 7200, 5010), { from: 4900, to: 7300 });
  // Neither came to be.
  assert.deepEqual(reloadWindow(5000, null, null), { from: 4900, to: 5900 });
});

test('each request belongs to one window, to the steady time, or to none', () => {
  const records = recordsOf(
    // In no order, as they end.
    [1999, 4899, 4900, 5899, 5900, 7999, 2000, 8000, 6500, 6400].map((due) => ({ due })),
  );
  const windows = [reloadWindow(5000, null, null), { from: 6400, to: 6600 }];
  assert.deepEqual(split(records, { from: 2000, to: 8000 }, windows), {
    windows: [
      [2, 3],
      [8, 9],
    ],
    steady: [1, 4, 5, 6],
  });
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
