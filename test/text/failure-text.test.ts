// How failures read: each cause in one sentence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failure, FailureCause, Refusal } from '../../src/core/failure.js';
import {
  describeFailure,
  describeRefusal,
  describeStopReason,
  summarizeFailure,
} from '../../src/text/failure-text.js';

const worker = { id: 9, slot: 2, generation: 5, pid: 4711 };
const exit = (ending: Extract<FailureCause, { type: 'exited' }>['ending'], exception?: string) =>
  ({ type: 'exited', ending, exception: exception ?? null }) as const;
const failure = (cause: FailureCause, wasReady = true): Failure => ({ worker, wasReady, cause });

test('a failure is a sentence about its worker', () => {
  const rows: readonly [Failure, string][] = [
    [failure(exit({ type: 'status', status: 1 })), 'exited with status 1'],
    [
      failure(exit({ type: 'status', status: 0 }), false),
      'exited with status 0 before it was ready',
    ],
    [failure(exit({ type: 'signal', signal: 'SIGKILL' })), 'was killed by SIGKILL'],
    [
      failure(exit({ type: 'status', status: 1 }, 'Error: x\n    at a.js:1'), false),
      'exited with status 1 before it was ready: Error: x\n    at a.js:1',
    ],
    [
      failure(exit({ type: 'notStarted', status: 127, problem: 'no command x' }), false),
      'could not be started: no command x',
    ],
    [
      failure({ type: 'startTimeout', after: 1500, problem: null }, false),
      'was not ready within 1.5s',
    ],
    [
      failure({ type: 'startTimeout', after: 30_000, problem: 'it does not listen on :80' }, false),
      'was not ready within 30s: it does not listen on :80',
    ],
    [failure({ type: 'hung', after: 2000, watchdogSeen: true }), 'gave no sign of life for 2s'],
    [
      failure({ type: 'hung', after: 2000, watchdogSeen: false }),
      'gave no sign of life for 2s, nor ever before: WATCHDOG=1 to $NOTIFY_SOCKET is one',
    ],
    [
      failure({ type: 'cannotServe', problem: 'npm runs the app' }, false),
      'cannot serve: npm runs the app',
    ],
    [failure({ type: 'stoppedItself' }), 'stopped by itself'],
    [failure({ type: 'stoppedItself' }, false), 'stopped before it was ready'],
    [failure({ type: 'reportedUnhealthy' }), 'reported that it is not healthy (WATCHDOG=trigger)'],
  ];
  for (const [value, text] of rows) {
    assert.equal(describeFailure(value), `worker 2 of generation 5 (pid 4711) ${text}`);
  }
});

test('the summary of an exception is its message and place, of other failures the first line', () => {
  const thrown = exit({ type: 'status', status: 1 }, 'Error: x\n    at f (/srv/a.js:3:1)');
  assert.deepEqual(summarizeFailure(failure(thrown), '/srv'), {
    isException: true,
    text: 'Error: x (a.js:3)',
    more: [],
  });
  const silent = failure(exit({ type: 'status', status: 3 }));
  assert.equal(summarizeFailure(silent, '/srv').text, 'worker 2 exited with status 3');
  assert.equal(summarizeFailure(silent, '/srv', false).text, 'exited with status 3');
});

test('a stop has a reason, and a refusal names it', () => {
  assert.equal(describeStopReason({ type: 'requested' }), 'asked to stop');
  assert.equal(describeStopReason({ type: 'gaveUp', crashes: 3 }), 'gave up after 3 crashes');
  const rows: readonly [Refusal, string][] = [
    [{ type: 'stopping', reason: { type: 'requested' } }, 'graceful-run is stopping'],
    [
      { type: 'stopping', reason: { type: 'gaveUp', crashes: 3 } },
      'graceful-run is stopping: gave up after 3 crashes',
    ],
    [{ type: 'stopped' }, 'graceful-run has stopped'],
    [{ type: 'superseded', workers: 4 }, 'a later request scales to 4'],
    [{ type: 'notANumberOfWorkers', workers: 1.5 }, '1.5 is not a number of workers'],
  ];
  for (const [refusal, text] of rows) assert.equal(describeRefusal(refusal), text);
});
