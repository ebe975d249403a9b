// What the service manager hears of a whole life, in order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/core/events.js';
import { emptyFleet, type Fleet } from '../../src/core/fleet.js';
import { isBusy, messagesFor, statusOf } from '../../src/systemd/messages.js';
import { clock, exited, ready, recordsOf, reload } from '../helpers/life.js';

/** One line for each message; `+` in front while the manager is asked for more time. */
function hears(events: readonly Event[], size = 1): string[] {
  return recordsOf(events, { size }).flatMap((record) =>
    messagesFor(record).map(
      ({ kind, status }) => `${isBusy(record.after) ? '+' : ' '}${kind}: ${status}`,
    ),
  );
}

function fleetAfter(events: readonly Event[], size = 1): Fleet {
  return recordsOf(events, { size }).at(-1)?.after ?? emptyFleet(size);
}

test('start, a reload, one that fails, stop', () => {
  const events = [
    ...[clock, ready(1)],
    ...[reload, ready(2), exited(1)],
    ...[reload, exited(3)],
    ...[{ type: 'stop' } as const, exited(2)],
  ];
  assert.deepEqual(hears(events), [
    '+status: rolling out 1: 1 starting',
    ' ready: serving 1: 1 ready',
    '+reloading: serving 1: 1 ready | rolling out 2: 1 starting',
    ' ready: serving 2: 1 ready | retiring 1: 1 draining',
    ' status: serving 2: 1 ready',
    '+reloading: serving 2: 1 ready | rolling out 3: 1 starting',
    ' ready: serving 2: 1 ready; reload to generation 3 failed: worker 1 of generation 3 exited with status 1 before it was ready',
    '+stopping: stopping: retiring 2: 1 draining',
    ' status: stopped',
  ]);
});

test('a reload that follows another is told apart from it', () => {
  const kinds = hears([clock, ready(1), reload, reload, ready(2)]).map((one) => one.split(':')[0]);
  assert.deepEqual(kinds, ['+status', ' ready', '+reloading', '+ready', '+reloading']);
});

test('a stop during a reload is no end of the reload', () => {
  const kinds = hears([clock, ready(1), reload, { type: 'stop' }]).map((one) => one.split(':')[0]);
  assert.deepEqual(kinds, ['+status', ' ready', '+reloading', '+stopping']);
});

test('a start that fails says why, to the end, and is never ready', () => {
  const broken = exited(1, 1, "Error: no database\n    at /srv/app.js:3:9\n    at '/srv/b.js'");
  assert.deepEqual(hears([clock, broken]), [
    '+status: rolling out 1: 1 starting',
    " stopping: failed: worker 1 of generation 1 exited with status 1 before it was ready: Error: no database | at /srv/app.js:3:9 | at '/srv/b.js'",
  ]);
});

test('a crash is told by the census, and a respawn asks for no time', () => {
  const events = [clock, ready(1), ready(2), exited(2), ready(3)];
  assert.deepEqual(hears(events, 2).slice(2), [
    ' ready: serving 1: 2 ready',
    ' status: serving 1: 1 ready, 1 starting',
    ' status: serving 1: 2 ready',
  ]);
});

test('the failure of a reload is shown until another one begins', () => {
  const failed = [clock, ready(1), reload, exited(2)];
  assert.match(statusOf(fleetAfter(failed)), /^serving 1: 1 ready; reload to generation 2 failed/);
  assert.match(statusOf(fleetAfter([...failed, reload])), /^serving 1: 1 ready \| rolling out 3/);
  assert.equal(
    statusOf(fleetAfter([...failed, reload, ready(3), exited(1)])),
    'serving 3: 1 ready',
  );
});
