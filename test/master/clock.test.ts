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

test('what was before the process stood still keeps its time of day', () => {
  const clock = createClock(() => {});
  const before = clock.now();
  const day = clock.timeOfDay(before);
  assert.ok(Math.abs(day - Date.now()) < 1000, `${day}`);
  // As if it had begun a minute ago.
  clock.skip(60_000);
  const after = clock.now();
  const [earlier, later] = [clock.timeOfDay(before - 60_000), clock.timeOfDay(after)];
  assert.equal(earlier, day - 60_000);
  assert.ok(Math.abs(later - Date.now()) < 1000, `${later}`);
});

test('what is due is called, and what was armed before is not', async () => {
  let woken = 0;
  let wake = () => {};
  const clock = createClock(() => {
    woken += 1;
    wake();
  });
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  clock.wakeAt(clock.now() + 1);
  clock.wakeAt(null);
  const first = next();
  clock.wakeAt(clock.now() + 20);
  await first;
  // Later than what was taken back would have been.
  const second = next();
  clock.wakeAt(clock.now() - 5);
  await second;
  assert.equal(woken, 2);
});
