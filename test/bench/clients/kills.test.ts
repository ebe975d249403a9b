import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countKill } from './kills.js';
import { recordsOf } from './records-of.js';

test('a killed worker has in hand what it was sent, and no more', () => {
  const kill = { victim: 7, at: 1000, gone: 1003, until: 2000 };
  const count = (...requests: Parameters<typeof recordsOf>[0][number][]) =>
    countKill(recordsOf(requests), kill);
  // All are answered by the victim, pid 7, unless they fail.
  assert.deepEqual(count({ due: 990, took: 5 }), { inHand: 0, beyond: 0 });
  assert.deepEqual(count({ due: 990, took: 11 }), { inHand: 1, beyond: 0 });
  assert.deepEqual(count({ due: 999, failure: 'truncated', took: 3 }), { inHand: 1, beyond: 0 });
  assert.deepEqual(count({ due: 1005, failure: 'refused' }), { inHand: 1, beyond: 0 });
  assert.deepEqual(count({ due: 1200, failure: 'refused' }), { inHand: 0, beyond: 1 });
  assert.deepEqual(count({ due: 2001, failure: 'refused' }), { inHand: 0, beyond: 0 });
  const other = countKill(recordsOf([{ due: 990, took: 90 }]), { ...kill, victim: 8 });
  assert.deepEqual(other, { inHand: 0, beyond: 0 });
});
