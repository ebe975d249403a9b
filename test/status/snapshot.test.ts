// How long the counts of a status are used again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheCounts } from '../../src/status/snapshot.js';

test('requests for the same processes and listeners share a count until a second after its end', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let counted = 0;
  let finish = () => {};
  const count = cacheCounts(async () => {
    counted += 1;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return { connections: new Map(), queued: new Map() };
  });
  const first = count([1, 2], new Set([7]));
  t.mock.timers.tick(5000);
  assert.equal(count([1, 2], new Set([7])), first);
  finish();
  await first;
  t.mock.timers.tick(999);
  assert.equal(count([1, 2], new Set([7])), first);
  t.mock.timers.tick(1);
  assert.notEqual(count([1, 2], new Set([7])), first);
  void count([1, 2, 3], new Set([7]));
  void count([1, 2, 3], new Set([8]));
  assert.equal(counted, 4);
});

test('a count that failed is not used again', async () => {
  let counted = 0;
  const count = cacheCounts(async () => {
    counted += 1;
    throw new Error('no count');
  });
  await assert.rejects(count([1], new Set()), /no count/);
  await assert.rejects(count([1], new Set()), /no count/);
  assert.equal(counted, 2);
});
