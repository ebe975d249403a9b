import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossesOf, sum } from './losses.js';
import { recordsOf } from './records-of.js';

test('losses are counted by class, within a span, and summed', () => {
  const records = {
    ...recordsOf([
      { due: 1, failure: 'refused' },
      { due: 2, failure: 'truncated' },
      { due: 3 },
      { due: 4, failure: 'refused' },
    ]),
    closed: { announced: [1, 2, 4], unannounced: [3] },
  };
  const all = lossesOf(records);
  assert.equal(all.requests, 4);
  assert.equal(all.failed, 3);
  assert.equal(all.failures.refused, 2);
  const some = lossesOf(records, { from: 2, to: 4 });
  assert.deepEqual([some.requests, some.failed, some.failures.truncated], [2, 1, 1]);
  assert.deepEqual(some.closed, { announced: 1, unannounced: 1 });
  const both = sum([all, some]);
  assert.deepEqual([both.requests, both.failed, both.failures.refused], [6, 4, 2]);
  assert.deepEqual(both.closed, { announced: 4, unannounced: 2 });
});
