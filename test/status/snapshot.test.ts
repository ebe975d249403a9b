// How long the counts of a status are used again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheCounts } from '../../src/status/snapshot.js';

function create() {
  const clock = { time: 0 };
  const counted: (readonly number[])[] = [];
  const count = cacheCounts(
    async (pids) => {
      counted.push(pids);
      if (pids.includes(0)) throw new Error('no /proc');
      return { connections: new Map(pids.map((pid) => [pid, counted.length])), queued: new Map() };
    },
    () => clock.time,
  );
  return { clock, counted, count };
}

test('all requests within a second after a count share its result', async () => {
  const { clock, counted, count } = create();
  const [first, second] = await Promise.all([count([1, 2], new Set([7])), count([1], new Set())]);
  assert.equal(first, second);
  clock.time = 999;
  assert.equal(await count([2], new Set([7])), first);
  assert.deepEqual(counted, [[1, 2]]);
  clock.time = 1000;
  assert.equal((await count([2], new Set([7]))).connections.get(2), 2);
});

test('a process or a listener that was not counted makes a new count', async () => {
  const { counted, count } = create();
  await count([1], new Set([7]));
  await count([1, 2], new Set([7]));
  await count([1], new Set([8]));
  assert.deepEqual(counted, [[1], [1, 2], [1]]);
});

test('a count that failed is not used again', async () => {
  const { counted, count } = create();
  await assert.rejects(count([0], new Set()));
  await assert.rejects(count([0], new Set()));
  assert.equal(counted.length, 2);
});
