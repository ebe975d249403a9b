// How long the counts of a status are used again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheCounts } from '../../src/status/snapshot.js';

test('requests for the same processes and listeners share a count, until a second after its end', async () => {
  let time = 0;
  let counted = 0;
  const finish: (() => void)[] = [];
  const count = cacheCounts(
    async () => {
      counted += 1;
      await new Promise<void>((resolve) => finish.push(resolve));
      return { connections: new Map(), queued: new Map() };
    },
    () => time,
  );
  const first = count([1, 2], new Set([7]));
  time = 5000;
  assert.equal(count([1, 2], new Set([7])), first);
  finish[0]?.();
  await first;
  time = 5999;
  assert.equal(count([1, 2], new Set([7])), first);
  time = 6000;
  assert.notEqual(count([1, 2], new Set([7])), first);
  void count([1, 2, 3], new Set([7]));
  void count([1, 2, 3], new Set([8]));
  assert.equal(counted, 4);
});
