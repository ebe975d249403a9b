// The clock on which all decisions hang.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now as monotonicNow } from '../../src/linux/monotonic-clock.js';
import { createDeadlineTimer } from '../../src/master/deadline-timer.js';

/** A clock that is set by hand; `pass` lets the timers of that time fire, unless the process `stands` still. */
function byHand(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let present = 0;
  let woken = 0;
  const clock = createDeadlineTimer(
    () => {
      woken += 1;
    },
    () => present,
  );
  return {
    clock,
    woken: () => woken,
    async pass(ms: number) {
      for (let i = 0; i < ms; i += 50) {
        present += 50;
        t.mock.timers.tick(50);
        await nextTurn();
      }
    },
    /** What is due comes right after. */
    async stand(ms: number) {
      present += ms;
      t.mock.timers.tick(ms);
      await nextTurn();
    },
  };
}

test('before a deadline it does not count the time in which this process stood still', async (t) => {
  const { clock, woken, pass, stand } = byHand(t);
  clock.wakeAt(4000);
  await pass(3000);
  await stand(60_000);
  await pass(400);
  assert.equal(woken(), 0);
  assert.equal(clock.now(), 3900);
  await pass(600);
  assert.equal(woken(), 1);
});

test('a master that is only busy is late', async (t) => {
  const { clock, woken, pass, stand } = byHand(t);
  clock.wakeAt(4000);
  await pass(3000);
  await stand(1000);
  assert.equal(clock.now(), 4000);
  assert.equal(woken(), 1);
});

test('without a deadline nobody looks, and all time counts', async (t) => {
  const { clock, pass } = byHand(t);
  clock.wakeAt(100);
  clock.wakeAt(null);
  await pass(6000);
  assert.equal(clock.now(), 6000);
  clock.wakeAt(6200);
  await pass(100);
  assert.equal(clock.now(), 6100);
});

test('what was before the process stood still keeps its time of day', async (t) => {
  const { clock, pass, stand } = byHand(t);
  const origin = clock.timeOfDay(0);
  assert.ok(Math.abs(clock.timeOfDay(monotonicNow()) - Date.now()) < 60_000, `${origin}`);
  clock.wakeAt(10_000);
  await pass(2000);
  const before = clock.now();
  await stand(60_000);
  const after = clock.now();
  await pass(2000);
  await stand(60_000);
  const last = clock.now();
  assert.deepEqual([before, after, last], [2000, 2500, 5000]);
  assert.deepEqual(
    [before, after, last].map((at) => clock.timeOfDay(at) - origin),
    [2000, 62_000, 124_000],
  );
});

test('what is due is called, and what was armed before is not', async () => {
  let woken = 0;
  let wake = () => {};
  const clock = createDeadlineTimer(() => {
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
