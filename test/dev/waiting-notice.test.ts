// When the user is told that a change waits.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { emptyFleet, type Fleet } from '../../src/core/fleet.js';
import { createWaitingNotice } from '../../src/dev/waiting-notice.js';

const trigger = { requests: [], asked: false };
const queued = (...changedFiles: string[]): Fleet => ({
  ...emptyFleet(1),
  serving: 1,
  rollout: { ...trigger, changedFiles: [], generation: 2, startedAt: 0, failure: null },
  nextRollout: { ...trigger, changedFiles },
});
const serves: Fleet = { ...emptyFleet(1), serving: 2, nextRollout: null };

function open(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const waitingNotice = createWaitingNotice((text) => told.push(text));
  return { told, waitingNotice, pass: (ms: number) => t.mock.timers.tick(ms) };
}

test('after a second, once, with all that changed', (t) => {
  const { told, waitingNotice, pass } = open(t);
  waitingNotice.observe(queued('a.js'));
  pass(600);
  waitingNotice.observe(queued('a.js', 'b.js'));
  pass(399);
  assert.deepEqual(told, []);
  pass(1);
  waitingNotice.observe(queued('a.js', 'b.js'));
  pass(5000);
  assert.deepEqual(told, ['a.js and b.js changed; waits for g2 to serve or fail']);
});

test('not where it is served soon, nor where somebody asked for a reload, nor after the end', (t) => {
  const { told, waitingNotice, pass } = open(t);
  waitingNotice.observe(queued('a.js'));
  pass(999);
  waitingNotice.observe(serves);
  waitingNotice.observe(queued());
  pass(5000);
  waitingNotice.observe(queued('a.js'));
  waitingNotice.close();
  pass(5000);
  assert.deepEqual(told, []);
});
