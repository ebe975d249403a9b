// The clock on which all decisions hang.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../src/master/clock.js';

test('it does not count the time in which this process stood still', () => {
  const clock = createClock(() => {});
  const before = clock.now();
  clock.skip(60_000);
  const after = clock.now();
  assert.ok(after < before - 50_000, `${before} and then ${after}`);
});

test('what is due is called, and what was armed before is not', async () => {
  let woken = 0;
  await new Promise<void>((resolve) => {
    const clock = createClock(() => {
      woken += 1;
      resolve();
    });
    clock.wakeAt(clock.now() + 1);
    clock.wakeAt(null);
    clock.skip(1000);
    clock.wakeAt(clock.now() - 5);
  });
  assert.equal(woken, 1);
});
