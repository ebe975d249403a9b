// Starting, told as transcripts; and what the fleet remembers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play, stories } from '../helpers/transcript.js';

stories({
  'a worker that is spawned and becomes ready serves': `
    0 clock                 -> spawn #1 g1              | #1g1:starting
    0 spawned #1 pid=71     -> -                        | #1g1:starting
    1 acceptsConnections #1 -> -                        | #1g1:starting
    2 ready #1              -> rolledOut g1 durationMs=2 | #1g1:ready
    3 ready #1              -> -                        | #1g1:ready
    4 clock                 -> -                        | #1g1:ready
  `,
  'a start with several workers serves when all are ready': `
    with size=3
    0 clock    -> spawn #1 g1, spawn #2 slot=2 g1, spawn #3 slot=3 g1 | #1g1:starting #2g1:starting #3g1:starting
    1 ready #2 -> -                        | #1g1:starting #2g1:ready #3g1:starting
    2 ready #1 -> -                        | #1g1:ready #2g1:ready #3g1:starting
    3 ready #3 -> rolledOut g1 durationMs=3 | #1g1:ready #2g1:ready #3g1:ready
  `,
  'one worker starts first in the first generation only': `
    with size=3 startFirstWorkerAlone=true
    0 clock                 -> spawn #1 g1              | #1g1:starting
    1 acceptsConnections #1 -> -                        | #1g1:starting
    2 ready #1              -> spawn #2 slot=2 g1, spawn #3 slot=3 g1 | #1g1:ready #2g1:starting #3g1:starting
    3 ready #3              -> -                        | #1g1:ready #2g1:starting #3g1:ready
    4 ready #2              -> rolledOut g1 durationMs=4 | #1g1:ready #2g1:ready #3g1:ready
    5 reload                -> spawn #4 g2, spawn #5 slot=2 g2, spawn #6 slot=3 g2 | #1g1:ready #2g1:ready #3g1:ready #4g2:starting #5g2:starting #6g2:starting
  `,
  'a worker that is ready at the very end of its time is in time': `
    0 clock      -> spawn #1 g1              | #1g1:starting
    100 ready #1 -> rolledOut g1 durationMs=100 | #1g1:ready
  `,
  'a worker that asks for more time to start gets it, counted from when it asks': `
    0 clock                       -> spawn #1 g1              | #1g1:starting
    90 startTimeExtended #1 ms=60 -> -                        | #1g1:starting
    100 clock                     -> -                        | #1g1:starting
    149 clock                     -> -                        | #1g1:starting
    150 clock                     -> rolledBack g1 #1 starting startTimeout after=150 problem=null, shutdownBegun firstStartFailed #1 starting startTimeout after=150 problem=null, closeSockets, kill #1 | #1g1:killing
  `,
  'a worker gets no more time to start than the longest start allows': `
    0 clock                        -> spawn #1 g1              | #1g1:starting
    90 startTimeExtended #1 ms=900 -> -                        | #1g1:starting
    299 clock                      -> -                        | #1g1:starting
    300 clock                      -> rolledBack g1 #1 starting startTimeout after=300 problem=null, shutdownBegun firstStartFailed #1 starting startTimeout after=300 problem=null, closeSockets, kill #1 | #1g1:killing
  `,
  'a worker that asks for less time to start than it has keeps what it has': `
    0 clock                       -> spawn #1 g1              | #1g1:starting
    10 startTimeExtended #1 ms=20 -> -                        | #1g1:starting
    99 clock                      -> -                        | #1g1:starting
    100 clock                     -> rolledBack g1 #1 starting startTimeout after=100 problem=null, shutdownBegun firstStartFailed #1 starting startTimeout after=100 problem=null, closeSockets, kill #1 | #1g1:killing
  `,
  'a first start that cannot run the command ends with its status, and tells all who wait': `
    0 reload r1                          -> spawn #1 g1              | #1g1:starting
    1 reload r2                          -> -                        | #1g1:starting
    2 scale workers=2 r3                 -> spawn #2 slot=2 g1       | #1g1:starting #2g1:starting
    3 exited #1 ending=notStarted,127,no%20nodee -> rolledBack g1 #1 starting exited ending=notStarted,127,no%20nodee, shutdownBegun firstStartFailed #1 starting exited ending=notStarted,127,no%20nodee, closeSockets, reply r1 failed #1 starting exited ending=notStarted,127,no%20nodee generation=null, reply r3 failed #1 starting exited ending=notStarted,127,no%20nodee generation=null, reply r2 failed #1 starting exited ending=notStarted,127,no%20nodee generation=null, retire #2 | #2g1:draining
    4 drained #2                         -> signal #2                | #2g1:draining
    5 exited #2                          -> shutdownDone firstStartFailed #1 starting exited ending=notStarted,127,no%20nodee, exit status=127 | none
  `,
  'a first start that is not ready in time is killed until it is gone': `
    0 clock       -> spawn #1 g1              | #1g1:starting
    99 clock      -> -                        | #1g1:starting
    100 clock     -> rolledBack g1 #1 starting startTimeout after=100 problem=null, shutdownBegun firstStartFailed #1 starting startTimeout after=100 problem=null, closeSockets, kill #1 | #1g1:killing
    109 clock     -> -                        | #1g1:killing
    110 clock     -> kill #1                  | #1g1:killing
    111 exited #1 -> shutdownDone firstStartFailed #1 starting startTimeout after=100 problem=null, exit status=1 | none
  `,
  // Else systemd takes a service that never served for one that finished its work.
  'a failed start never ends in status 0': `
    0 reload r1          -> spawn #1 g1              | #1g1:starting
    1 exited #1 ending=0 -> rolledBack g1 #1 starting exited ending=0, shutdownBegun firstStartFailed #1 starting exited ending=0, shutdownDone firstStartFailed #1 starting exited ending=0, closeSockets, reply r1 failed #1 starting exited ending=0 generation=null, exit status=1 | none
  `,
  'reports about workers that are gone change nothing': `
    2 reload                       -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2                     -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
    4 exited #1                    -> -                        | #2g2:ready
    5 ready #1                     -> -                        | #2g2:ready
    6 drained #1                   -> -                        | #2g2:ready
    7 cannotServe #1 problem=late  -> -                        | #2g2:ready
    8 startProblem #1 problem=late -> -                        | #2g2:ready
    9 acceptsConnections #1        -> -                        | #2g2:ready
    10 spawned #1 pid=71           -> -                        | #2g2:ready
    11 exited #1                   -> -                        | #2g2:ready
    12 ready #7                    -> -                        | #2g2:ready
  `,
});

test('the fleet remembers how reloads ended, and a start does not count', () => {
  const { fleet: started } = play(['0 clock', '1 ready #1']);
  assert.deepEqual([started.reloads, started.lastReload], [{ ok: 0, failed: 0 }, null]);
  const { fleet: failed } = play(['2 reload', '5 exited #2']);
  assert.deepEqual(failed.reloads, { ok: 0, failed: 1 });
  const { failure, ...outcome } = failed.lastReload ?? {};
  assert.deepEqual(outcome, { generation: 2, durationMs: 3, at: 5 });
  assert.equal(failure?.cause.type, 'exited');
  const { fleet: ok } = play(['2 reload', '5 exited #2', '10 reload', '14 ready #3']);
  assert.deepEqual(ok.reloads, { ok: 1, failed: 1 });
  assert.deepEqual(ok.lastReload, { generation: 3, failure: null, durationMs: 4, at: 14 });
});

test('the wake-up time is the earliest deadline of a worker, or the next respawn', () => {
  const script = ['0 clock', '1 ready #1', '2 exited #1', '3 ready #2', '4 reload', '5 exited #2'];
  const wakeAfter = (count: number) => play(script.slice(0, count)).wakeAt;
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(wakeAfter), [100, null, 102, null, 104, 15]);
  assert.equal(play([...script, '6 stop']).wakeAt, 56);
});
