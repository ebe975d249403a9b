// Starting, told as transcripts, one story a test; and what the fleet remembers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextDeadline } from '../../src/core/step.js';
import { fleetAfter, tells, testPolicy } from '../helpers/transcript.js';

test('a start: spawned, ready, serving', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    0 spawned #1 71 -> -                        | #1g1:starting
    1 accepting #1 -> -                        | #1g1:starting
    2 ready #1   -> rolledOut g1 in 2ms      | #1g1:ready
    3 ready #1   -> -                        | #1g1:ready
    4 clock      -> -                        | #1g1:ready
    `,
  );
});

test('a start with several workers serves when all are ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:starting #2g1:starting #3g1:starting
    1 ready #2   -> -                        | #1g1:starting #2g1:ready #3g1:starting
    2 ready #1   -> -                        | #1g1:ready #2g1:ready #3g1:starting
    3 ready #3   -> rolledOut g1 in 3ms      | #1g1:ready #2g1:ready #3g1:ready
    `,
    { size: 3 },
  );
});

test('one worker goes ahead in the first generation only', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 accepting #1 -> -                        | #1g1:starting
    2 ready #1   -> spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:ready #2g1:starting #3g1:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:starting #3g1:ready
    4 ready #2   -> rolledOut g1 in 4ms      | #1g1:ready #2g1:ready #3g1:ready
    5 reload     -> spawn #4 g2, spawn #5 g2 slot 2, spawn #6 g2 slot 3 | #1g1:ready #2g1:ready #3g1:ready #4g2:starting #5g2:starting #6g2:starting
    `,
    { size: 3, policy: { firstAlone: true } },
  );
});

test('ready in the very moment in which patience ends counts', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    100 ready #1 -> rolledOut g1 in 100ms    | #1g1:ready
    `,
  );
});

test('a first start that fails ends the master with status 1', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 exited #1  -> rolledBack g1: worker 1 of generation 1 exited with status 1 before it was ready, stopping: same, stopped 1: same | none
    `,
  );
});

test('a first start that fails hands its status through, and tells all who wait', () => {
  tells(
    `
    0 reload r1  -> spawn #1 g1              | #1g1:starting
    1 reload r2  -> -                        | #1g1:starting
    2 scale 2 r3 -> spawn #2 g1 slot 2       | #1g1:starting #2g1:starting
    3 exited #1 127 cannot run nodee: not found -> rolledBack g1: worker 1 of generation 1 cannot run nodee: not found, reply r1 no g0: same, reply r2 no g0: same, reply r3 no g0: same, stopping: same, retire #2 | #2g1:draining
    4 idle #2    -> signal #2                | #2g1:draining
    5 exited #2  -> stopped 127: worker 1 of generation 1 cannot run nodee: not found | none
    `,
  );
});

test('a first start that is not ready in time is killed until it is gone', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    99 clock     -> -                        | #1g1:starting
    100 clock    -> kill #1, rolledBack g1: worker 1 of generation 1 was not ready within 100ms, stopping: same | #1g1:killing
    109 clock    -> -                        | #1g1:killing
    110 clock    -> kill #1                  | #1g1:killing
    111 exited #1 -> stopped 1: worker 1 of generation 1 was not ready within 100ms | none
    `,
  );
});

test('a failed start never ends in status 0, and tells its reason', () => {
  // Else systemd takes a service that never served for one that finished its work.
  tells(
    `
    0 reload r1  -> spawn #1 g1              | #1g1:starting
    1 exited #1 0 -> rolledBack g1: worker 1 of generation 1 exited with status 0, reply r1 no g0: same, stopping: same, stopped 1: same | none
    `,
  );
});

test('reports about workers that are gone change nothing', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    4 exited #1  -> -                        | #2g2:ready
    5 ready #1   -> -                        | #2g2:ready
    6 idle #1    -> -                        | #2g2:ready
    7 unfit #1 late -> -                        | #2g2:ready
    8 noted #1 late -> -                        | #2g2:ready
    9 accepting #1 -> -                        | #2g2:ready
    10 spawned #1 71 -> -                        | #2g2:ready
    11 exited #1 -> -                        | #2g2:ready
    12 ready #7  -> -                        | #2g2:ready
    `,
  );
});

test('the fleet remembers how reloads ended', () => {
  const script = ['0 clock', '1 ready #1', '2 reload', '5 exited #2'];
  const [failed] = fleetAfter(script);
  assert.deepEqual(failed.reloads, { ok: 0, failed: 1 });
  const reason = 'worker 1 of generation 2 exited with status 1 before it was ready';
  assert.deepEqual(failed.lastReload, { ok: false, generation: 2, reason, durationMs: 3, at: 5 });
  const [ok] = fleetAfter([...script, '10 reload', '14 ready #3']);
  assert.deepEqual(ok.reloads, { ok: 1, failed: 1 });
  assert.deepEqual(ok.lastReload, {
    ok: true,
    generation: 3,
    reason: null,
    durationMs: 4,
    at: 14,
  });
});

test('a start is no reload', () => {
  const [{ reloads, lastReload }] = fleetAfter(['0 clock', '1 ready #1']);
  assert.deepEqual({ reloads, lastReload }, { reloads: { ok: 0, failed: 0 }, lastReload: null });
});

test('the next deadline is that of the worker with the least patience, or the next respawn', () => {
  const script = ['0 clock', '1 ready #1', '2 exited #1', '3 ready #2', '4 reload', '5 exited #2'];
  const deadlineAfter = (count: number) =>
    nextDeadline(fleetAfter(script.slice(0, count))[0], testPolicy);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(deadlineAfter), [100, null, 102, null, 104, 15]);
  assert.equal(nextDeadline(fleetAfter([...script, '6 stop'])[0], testPolicy), 56);
});
