// What a SIGHUP means, for where there is a terminal and where there is none. That of a window which is closed is in
// test/e2e/terminal.test.ts: it takes the terminal away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place } from '../../src/dev/foreground.js';
import { takeSeat } from '../../src/dev/terminal-closed.js';
import { eventually } from '../helpers/eventually.js';

test('as long as there is a terminal, or never was one, a SIGHUP says nothing of it', () => {
  for (const place of ['foreground', 'background', 'no terminal'] as const) {
    const seat = takeSeat(
      () => assert.fail('left'),
      () => place,
      [0],
    );
    assert.equal(seat.hungUp(), false, place);
  }
});

test('a terminal that goes just after it is seen as well, and left once', async () => {
  let place: Place = 'foreground';
  let left = 0;
  const seat = takeSeat(
    () => {
      left += 1;
    },
    () => place,
    [],
  );
  assert.equal(seat.hungUp(), false);
  place = 'no terminal';
  const alive = setInterval(() => {}, 1000);
  await eventually('the end', () => left === 1);
  clearInterval(alive);
  seat.leave();
  assert.equal(seat.hungUp(), true);
  assert.equal(left, 1);
});

test('in the background, with nothing of it on the terminal, it outlives the window', () => {
  let place: Place = 'background';
  const seat = takeSeat(
    () => assert.fail('left'),
    () => place,
    [],
  );
  place = 'no terminal';
  assert.equal(seat.hungUp(), false);
});
