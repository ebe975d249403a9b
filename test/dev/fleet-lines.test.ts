// What `dev` prints about the lives of fleets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Policy } from '../../src/core/policy.js';
import { createFleetLines } from '../../src/dev/fleet-lines.js';
import {
  changed,
  clock,
  exited,
  ready,
  recordsOf,
  reload,
  spawned,
  stop,
  type TimedEvent,
} from '../helpers/life.js';

/** The lines printed for these events: `mark text`, details below. */
function told(
  events: readonly TimedEvent[],
  { size = 1, policy = {} as Partial<Policy>, stopHint = '' } = {},
): string[] {
  const linesFor = createFleetLines('/srv/app', () => stopHint);
  return recordsOf(events, { size, policy })
    .flatMap(linesFor)
    .flatMap(({ mark, text, details = [] }) => [`${mark} ${text}`, ...details]);
}

const waits = { policy: { waitForChange: true } };
const STACK = 'Error: no database\n    at connect (file:///srv/app/lib/db.mjs:12:7)';

test('a reload that is requested during the first start is not given as its cause', () => {
  assert.deepEqual(told([clock, spawned(1), reload, ready(1)])[0], 'ok g1 serves, 3ms');
});

test('each reload is one line with its cause', () => {
  const events = [
    ...[clock, spawned(1), ready(1)],
    ...[changed('lib/text.mjs'), spawned(2), { ...ready(2), at: 92 }, exited(1)],
    ...[
      { ...changed('a.js', 'b.js', 'c.js'), at: 100 },
      { ...ready(3), at: 1250 },
    ],
    ...[
      { ...reload, at: 1300 },
      { ...ready(4), at: 1310 },
    ],
  ];
  assert.deepEqual(told(events, { policy: { startTimeout: 9999, drainTimeout: 9999 } }), [
    'ok g1 serves, 2ms',
    'ok g2 serves, 89ms: lib/text.mjs changed',
    'ok g3 serves, 1.1s: a.js and 2 more changed',
    'ok g4 serves, 10ms: reload',
  ]);
});

test('a failed reload is one line with the error and with what serves', () => {
  const events = [clock, ready(1), changed('lib/db.mjs'), spawned(2), exited(2, 1, STACK)];
  assert.deepEqual(told(events).slice(1), [
    'failed g2 failed: Error: no database (lib/db.mjs:12); g1 keeps serving',
  ]);
});

test('a first generation that fails waits for a change', () => {
  const events = [
    ...[
      clock,
      spawned(1),
      exited(1, 1, STACK),
      changed('x.mjs'),
      spawned(2),
      exited(2, 1, 'TypeError: x'),
    ],
    ...[changed('lib/db.mjs'), ready(3)],
  ];
  assert.deepEqual(told(events, waits), [
    'failed g1 failed: Error: no database (lib/db.mjs:12); nothing serves, waiting for a change',
    'failed g2 failed: TypeError: x; nothing serves, waiting for a change',
    'ok g3 serves, 1ms: lib/db.mjs changed',
  ]);
});

test('a change during a requested reload says what it waits for', () => {
  const events = [clock, ready(1), reload, changed('a.js'), changed('b.js')];
  assert.deepEqual(told(events).slice(1), [
    'note a.js changed; waits for g2 to serve or fail',
    'note a.js and b.js changed; waits for g2 to serve or fail',
  ]);
});

test('a rollout that is abandoned for a newer change is not mentioned', () => {
  const failed = [clock, reload, exited(1, 1, STACK)];
  assert.deepEqual(told(failed, waits), [
    'failed g1 failed: Error: no database (lib/db.mjs:12); starting g2',
  ]);
  const abandoned = [clock, changed('a.js'), ready(2)];
  assert.deepEqual(told(abandoned, waits), ['ok g2 serves, 1ms: a.js changed']);
});

test('where nothing waits for a change, the failure of the first generation is the last line', () => {
  assert.deepEqual(told([clock, exited(1, 1, STACK)]), [
    'failed g1 failed: Error: no database (lib/db.mjs:12); nothing to fall back on',
  ]);
});

test('a reason that is not in the output of the worker is shown in full', () => {
  const problem = 'it listens on nothing';
  const late = [clock, ready(1), reload, { type: 'startProblem', worker: 2, problem } as const];
  assert.deepEqual(told([...late, { ...clock, at: 200 }]).slice(1), [
    'failed g2 failed: worker 1 was not ready within 100ms: it listens on nothing; g1 keeps serving',
  ]);
  const unfit = { type: 'cannotServe', worker: 2, problem: 'it\nis not a server' } as const;
  assert.deepEqual(told([clock, ready(1), reload, unfit]).slice(1), [
    'failed g2 failed: worker 1 cannot serve: it; g1 keeps serving',
    'is not a server',
  ]);
});

test('a crash is one line, and the successor that serves another', () => {
  const events = [
    ...[clock, ready(1), ready(2), spawned(2), exited(2, 1, STACK), ready(3), exited(3)],
    ...[{ ...clock, at: 20 }, ready(4)],
  ];
  assert.deepEqual(told(events, { size: 2 }), [
    'ok g1 serves, 2ms',
    'failed worker 2 of g1 crashed: Error: no database (lib/db.mjs:12); starting it again',
    'ok worker 2 of g1 serves again',
    'failed worker 2 of g1 exited with status 1; starting it again in 10ms',
    'ok worker 2 of g1 serves again',
  ]);
});

test('only drains that take too long are mentioned', () => {
  const events = [
    ...[clock, spawned(1), ready(1), reload, ready(2)],
    ...[60, 80].map((at) => ({ ...clock, at })),
    exited(1),
  ];
  assert.deepEqual(told(events).slice(2), [
    'note worker 1 of g1 still had work after 50ms; sending the stop signal',
    'note worker 1 of g1 did not exit after the stop signal; killing it',
  ]);
});

test('scaling and the shutdown are notes', () => {
  const events = [clock, ready(1), { type: 'scaleBy', delta: 1 } as const, ready(2), stop];
  assert.deepEqual(told(events).slice(1), ['note scaling from 1 to 2', 'note stopping']);
  assert.deepEqual(told([clock, ready(1), stop], { stopHint: '; q: at once' }).slice(1), [
    'note stopping; q: at once',
  ]);
  const crashing = [clock, ready(1), exited(1)];
  assert.deepEqual(told(crashing, { policy: { maxCrashes: 1 } }).slice(1), [
    'failed worker 1 of g1 exited with status 1',
    'note stopping: gave up after 1 crashes',
  ]);
});
