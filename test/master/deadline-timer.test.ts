// The timer for all deadlines, and the clock that it shows.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { now as monotonicNow } from 'node-systemd-notify/linux';
import { createDeadlineTimer } from '../../src/master/deadline-timer.js';

/** A timer whose clock is set by hand; `pass` lets what is due in that time happen, `stand` only right after it. */
function byHand(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let present = 0;
  let woken = 0;
  const wake = () => {
    woken += 1;
  };
  const timer = createDeadlineTimer(wake, () => present);
  async function stand(ms: number) {
    present += ms;
    t.mock.timers.tick(ms);
    await nextTurn();
  }
  async function pass(ms: number) {
    for (let i = 0; i < ms; i += 50) await stand(50);
  }
  return { timer, woken: () => woken, pass, stand };
}

test('before a deadline the time in which the process stood still does not count', async (t) => {
  const { timer, woken, pass, stand } = byHand(t);
  timer.wakeAt(4000);
  await pass(3000);
  await stand(60_000);
  await pass(400);
  assert.equal(woken(), 0);
  assert.equal(timer.now(), 3900);
  await pass(600);
  assert.equal(woken(), 1);
});

test('the time in which a master was only busy counts', async (t) => {
  const { timer, woken, pass, stand } = byHand(t);
  timer.wakeAt(4000);
  await pass(3000);
  await stand(1000);
  assert.equal(timer.now(), 4000);
  assert.equal(woken(), 1);
});

test('without a deadline all time counts', async (t) => {
  const { timer, pass } = byHand(t);
  timer.wakeAt(100);
  timer.wakeAt(null);
  await pass(6000);
  assert.equal(timer.now(), 6000);
  timer.wakeAt(6200);
  await pass(100);
  assert.equal(timer.now(), 6100);
});

test('what happened before the process stood still keeps its time of day', async (t) => {
  const { timer, pass, stand } = byHand(t);
  const origin = timer.timeOfDay(0);
  assert.ok(Math.abs(timer.timeOfDay(monotonicNow()) - Date.now()) < 60_000, `${origin}`);
  timer.wakeAt(10_000);
  await pass(2000);
  const before = timer.now();
  await stand(60_000);
  const after = timer.now();
  await pass(2000);
  await stand(60_000);
  const last = timer.now();
  assert.deepEqual([before, after, last], [2000, 2500, 5000]);
  assert.deepEqual(
    [before, after, last].map((at) => timer.timeOfDay(at) - origin),
    [2000, 62_000, 124_000],
  );
});

test('a deadline replaces the one before, and one that is over is due at once', async (t) => {
  const { timer, woken, pass } = byHand(t);
  timer.wakeAt(100);
  timer.wakeAt(null);
  timer.wakeAt(200);
  await pass(150);
  assert.equal(woken(), 0);
  await pass(50);
  assert.equal(woken(), 1);
  timer.wakeAt(150);
  await pass(50);
  assert.equal(woken(), 2);
});
