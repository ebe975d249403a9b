import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countKills } from './kills.js';
import { lossesEnding } from './losses.js';
import { recordsOf } from './records-of.js';

type Requests = Parameters<typeof recordsOf>[0];

const FIRST = { victim: 7, at: 1000, gone: 1003 };
const SECOND = { victim: 8, at: 1500, gone: 1502 };
const TO = 2000;
const counts = (inHand: number, beyond: number) => ({ inHand, beyond });

test('a killed worker has in hand what it was sent, and no more', () => {
  const count = (...requests: Requests[number][]) => countKills(recordsOf(requests), [FIRST], TO);
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

test('a request counts once, for the last kill before its end', () => {
  const count = (...requests: Requests[number][]) =>
    countKills(recordsOf(requests), [FIRST, SECOND], TO);
  // It waits through both.
  assert.deepEqual(count({ due: 999, took: 600, failure: 'timeout' }), counts(1, 0));
  assert.deepEqual(count({ due: 1100, took: 500, pid: 8 }), counts(1, 0));
  // The first victim was gone long before the second kill.
  assert.deepEqual(count({ due: 1200, took: 1, failure: 'refused' }), counts(0, 1));
  assert.deepEqual(count({ due: 1600, took: 1, failure: 'refused' }), counts(0, 1));
});

test('no more can have failed beyond than have failed', () => {
  const failure = 'refused';
  const records = recordsOf([
    ...[{ due: 900, took: 10, failure } as const, { due: 990, took: 600, failure } as const],
    ...[{ due: 1200, failure } as const, { due: 1700, took: 900, failure } as const],
    ...[{ due: 2000, failure } as const, { due: 1300, pid: 9 }],
  ]);
  const { requests, failed } = lossesEnding(records, { from: FIRST.at, to: TO });
  assert.deepEqual([requests, failed], [4, 3]);
  const { inHand, beyond } = countKills(records, [FIRST, SECOND], TO);
  assert.equal(inHand + beyond, failed);
});
