// Starting, told as transcripts, one story a test; and what the fleet remembers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fleetAfter, tells } from '../helpers/transcript.js';

test('a start: spawned, ready, serving', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    0 spawned #1 71 -> -                        | #1g1:starting
    1 acceptsConnections #1 -> -                        | #1g1:starting
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
    1 acceptsConnections #1 -> -                        | #1g1:starting
    2 ready #1   -> spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:ready #2g1:starting #3g1:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:starting #3g1:ready
    4 ready #2   -> rolledOut g1 in 4ms      | #1g1:ready #2g1:ready #3g1:ready
    5 reload     -> spawn #4 g2, spawn #5 g2 slot 2, spawn #6 g2 slot 3 | #1g1:ready #2g1:ready #3g1:ready #4g2:starting #5g2:starting #6g2:starting
    `,
    { size: 3, policy: { startFirstWorkerAlone: true } },
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
    1 exited #1  -> rolledBack g1: #1 starting exited, shutdownBegun: #1 starting exited, shutdownDone: #1 starting exited, closeSockets, exit 1 | none
    `,
  );
});

test('a first start that fails hands its status through, and tells all who wait', () => {
  tells(
    `
    0 reload r1  -> spawn #1 g1              | #1g1:starting
    1 reload r2  -> -                        | #1g1:starting
    2 scale 2 r3 -> spawn #2 g1 slot 2       | #1g1:starting #2g1:starting
    3 exited #1 notStarted 127 cannot run nodee: not found -> rolledBack g1: #1 starting exited notStarted 127 cannot run nodee: not found, shutdownBegun: #1 starting exited notStarted 127 cannot run nodee: not found, closeSockets, reply r1 failed: #1 starting exited notStarted 127 cannot run nodee: not found, reply r3 failed: #1 starting exited notStarted 127 cannot run nodee: not found, reply r2 failed: #1 starting exited notStarted 127 cannot run nodee: not found, retire #2 | #2g1:draining
    4 drained #2 -> signal #2                | #2g1:draining
    5 exited #2  -> shutdownDone: #1 starting exited notStarted 127 cannot run nodee: not found, exit 127 | none
    `,
  );
});

test('a first start that is not ready in time is killed until it is gone', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    99 clock     -> -                        | #1g1:starting
    100 clock    -> rolledBack g1: #1 startTimeout 100ms, shutdownBegun: #1 startTimeout 100ms, closeSockets, kill #1 | #1g1:killing
    109 clock    -> -                        | #1g1:killing
    110 clock    -> kill #1                  | #1g1:killing
    111 exited #1 -> shutdownDone: #1 startTimeout 100ms, exit 1 | none
    `,
  );
});

test('a failed start never ends in status 0, and tells its reason', () => {
  // Else systemd takes a service that never served for one that finished its work.
  tells(
    `
    0 reload r1  -> spawn #1 g1              | #1g1:starting
    1 exited #1 0 -> rolledBack g1: #1 starting exited 0, shutdownBegun: #1 starting exited 0, shutdownDone: #1 starting exited 0, closeSockets, reply r1 failed: #1 starting exited 0, exit 1 | none
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
    6 drained #1 -> -                        | #2g2:ready
    7 cannotServe #1 late -> -                        | #2g2:ready
    8 startProblem #1 late -> -                        | #2g2:ready
    9 acceptsConnections #1 -> -                        | #2g2:ready
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
  assert.equal(failed.lastReload?.failure?.cause.type, 'exited');
  assert.equal(failed.lastReload.generation, 2);
  assert.deepEqual([failed.lastReload.durationMs, failed.lastReload.at], [3, 5]);
  const [ok] = fleetAfter([...script, '10 reload', '14 ready #3']);
  assert.deepEqual(ok.reloads, { ok: 1, failed: 1 });
  assert.deepEqual(ok.lastReload, {
    generation: 3,
    failure: null,
    durationMs: 4,
    at: 14,
  });
});

test('a start does not count as a reload', () => {
  const [{ reloads, lastReload }] = fleetAfter(['0 clock', '1 ready #1']);
  assert.deepEqual({ reloads, lastReload }, { reloads: { ok: 0, failed: 0 }, lastReload: null });
});

test('the wake-up time is the earliest deadline of a worker, or the next respawn', () => {
  const script = ['0 clock', '1 ready #1', '2 exited #1', '3 ready #2', '4 reload', '5 exited #2'];
  const wakeAfter = (count: number) => fleetAfter(script.slice(0, count))[2];
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(wakeAfter), [100, null, 102, null, 104, 15]);
  assert.equal(fleetAfter([...script, '6 stop'])[2], 56);
});
