import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countKill } from './kills.js';
import { recordsOf } from './records-of.js';

test('a killed worker has in hand what it was sent, and no more', () => {
  const kill = { victim: 7, at: 1000, gone: 1003, until: 2000 };
  const count = (...requests: Parameters<typeof recordsOf>[0][number][]) =>
    countKill(recordsOf(requests), kill);
  const counts = (inHand: number, beyond: number) => ({ inHand, beyond });
  assert.deepEqual(count({ due: 990, took: 5 }), counts(0, 0));
  assert.deepEqual(count({ due: 990, took: 11 }), counts(1, 0));
  assert.deepEqual(count({ due: 990, took: 90, pid: 8 }), counts(0, 0));
  // On a new connection, before and after it was gone.
  assert.deepEqual(count({ due: 1001, failure: 'reset on a new connection' }), counts(1, 0));
  assert.deepEqual(count({ due: 1005, failure: 'refused' }), counts(0, 1));
  assert.deepEqual(count({ due: 2001, failure: 'refused' }), counts(0, 0));
  // On a kept connection of the victim, and of another.
  const failure = 'reset on a reused connection';
  assert.deepEqual(count({ due: 1005, failure, pid: 7 }), counts(1, 0));
  assert.deepEqual(count({ due: 1001, failure, pid: 8 }), counts(0, 1));
});
