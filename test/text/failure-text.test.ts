// How failures read: each cause in one sentence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ending, Failure, FailureCause, Refusal } from '../../src/core/failure.js';
import {
  describeFailure,
  describeRefusal,
  describeStopReason,
  summarizeFailure,
} from '../../src/text/failure-text.js';

const worker = { id: 9, slot: 2, generation: 5, pid: 4711 };
const exit = (ending: Ending, exception: string | null = null) =>
  ({ type: 'exited', ending, exception }) as const;
const failed: Ending = { type: 'status', status: 1 };
const failure = (cause: FailureCause, wasReady = true): Failure => ({ worker, wasReady, cause });

test('a failure is a sentence about its worker', () => {
  const killed: Ending = { type: 'signal', signal: 'SIGKILL' };
  const notStarted: Ending = { type: 'notStarted', status: 127, problem: 'no command x' };
  const late = { type: 'startTimeout', after: 1500 } as const;
  const hung = { type: 'hung', after: 2000 } as const;
  const rows: readonly [FailureCause, wasReady: boolean, text: string][] = [
    [exit(failed), true, 'exited with status 1'],
    [exit(failed), false, 'exited with status 1 before it was ready'],
    [exit(killed), true, 'was killed by SIGKILL'],
    [exit(failed, 'Error: x\n at a'), true, 'exited with status 1: Error: x\n at a'],
    [exit(notStarted), false, 'could not be started: no command x'],
    [{ ...late, problem: null }, false, 'was not ready within 1.5s'],
    [{ ...late, problem: 'it is idle' }, false, 'was not ready within 1.5s: it is idle'],
    [{ ...hung, watchdogSeen: true }, true, 'gave no sign of life for 2s'],
    [
      { ...hung, watchdogSeen: false },
      true,
      'gave no sign of life for 2s, nor ever before: WATCHDOG=1 to $NOTIFY_SOCKET is one',
    ],
    [{ type: 'cannotServe', problem: 'npm runs it' }, false, 'cannot serve: npm runs it'],
    [{ type: 'stoppedItself' }, true, 'stopped by itself'],
    [{ type: 'stoppedItself' }, false, 'stopped before it was ready'],
    [{ type: 'reportedUnhealthy' }, true, 'reported that it is not healthy (WATCHDOG=trigger)'],
  ];
  for (const [cause, wasReady, text] of rows) {
    const told = describeFailure(failure(cause, wasReady));
    assert.equal(told, `worker 2 of generation 5 (pid 4711) ${text}`);
  }
});

test('the summary of an exception is its message and place, of other failures the first line', () => {
  const thrown = failure(exit(failed, 'Error: x\n    at f (/srv/a.js:3:1)'));
  assert.deepEqual(summarizeFailure(thrown, '/srv'), ['Error: x (a.js:3)']);
  assert.deepEqual(summarizeFailure(thrown, '/srv', true), ['crashed: Error: x (a.js:3)']);
  const silent = failure(exit(failed));
  assert.deepEqual(summarizeFailure(silent, '/srv'), ['worker 2 exited with status 1']);
  assert.deepEqual(summarizeFailure(silent, '/srv', true), ['exited with status 1']);
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
