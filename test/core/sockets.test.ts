// Which sockets the master goes on holding, and when one is given up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CLAIM_TIME_MS,
  expectedSockets,
  initialSockets,
  type Sockets,
  stepSockets,
} from '../../src/core/sockets.js';

type Event = Parameters<typeof stepSockets>[1];

const opened = (worker: number, socket: number, isPrivate = false): Event => ({
  ...{ type: 'socketOpened', worker, socket, isPrivate },
});
const used = (worker: number, socket: number): Event => ({ type: 'socketUsed', worker, socket });
const closed = (worker: number, socket: number): Event => ({
  type: 'socketClosed',
  worker,
  socket,
});
const gone = (worker: number): Event => ({ type: 'workerGone', worker });
const serves = (...workers: number[]): Event => ({ type: 'generationServes', workers });

/** Asserts after each event which sockets are given up. */
function lives(start: Sockets, events: readonly (readonly [Event, number[]])[]): Sockets {
  let sockets = start;
  for (const [event, expected] of events) {
    const step = stepSockets(sockets, event, 0);
    assert.deepEqual(step.giveUp, expected, JSON.stringify(event));
    sockets = step.sockets;
  }
  return sockets;
}

const given = initialSockets([{ id: 1, origin: 'given', isPrivate: false }]);
/** Given 1; adopted 2 by worker 1, and private 3 by worker 2. */
const three = lives(given, [
  [opened(1, 2), []],
  [opened(2, 3, true), []],
]);
const expected = (sockets: Sockets) => expectedSockets(sockets).map(({ id }) => id);
const held = (sockets: Sockets) => sockets.uses.map(({ id }) => id);

test('a new worker must listen on given sockets and on those of the serving generation', () => {
  assert.deepEqual(expected(three), [1]);
  assert.deepEqual(expected(lives(three, [[serves(1, 2), []]])), [1, 2], 'no client knows port 0');
});

test('a socket that a failed generation opened goes with it, a served one outlives a crash', () => {
  const after = lives(three, [
    [serves(1, 2), []],
    [opened(3, 4), []],
    [used(3, 2), []],
    [gone(3), [4]],
    [gone(1), []],
    [gone(2), []],
  ]);
  assert.deepEqual(expected(after), [1, 2]);
});

test('a socket that a new generation does not use goes with the last worker that did', () => {
  const after = lives(three, [
    [serves(1, 2), []],
    [used(5, 1), []],
    [used(5, 2), []],
    [serves(5), []],
    [gone(1), []],
    [gone(2), [3]],
  ]);
  assert.deepEqual(held(after), [1, 2]);
});

test('a socket is given up when the app closes its last server on it, unless it was given', () => {
  const after = lives(three, [
    [used(2, 2), []],
    [used(2, 2), []],
    [closed(1, 2), []],
    [closed(2, 2), []],
    [closed(2, 2), [2]],
    [closed(2, 2), []],
    [closed(1, 1), []],
    [closed(1, 77), []],
  ]);
  assert.deepEqual(held(after), [1, 3]);
});

test('sockets of an earlier master wait for a worker, longer than until the first server is ready', () => {
  const stored = initialSockets(
    [1, 2, 3].map((id) => ({ id, origin: 'adopted', isPrivate: false })),
  );
  const started = lives(stored, [
    [used(1, 1), []],
    [serves(1), []],
    [used(1, 2), []],
  ]);
  const clock = (at: number) => stepSockets(started, { type: 'clock' }, at);
  assert.equal(clock(0).wakeAt, CLAIM_TIME_MS);
  assert.deepEqual(clock(CLAIM_TIME_MS - 1).giveUp, []);
  assert.deepEqual(clock(CLAIM_TIME_MS).giveUp, [3]);
  assert.equal(clock(CLAIM_TIME_MS).wakeAt, null);
});
