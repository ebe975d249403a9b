// Crashes of a serving generation: how soon a worker is respawned, and when the master gives up. Told as transcripts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_SIGNALLED_STARTS } from '../../src/core/policy.js';
import { play, stories } from '../helpers/transcript.js';

stories({
  'the first respawn is immediate, and the waits for the next ones double': `
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 ready #2   -> -                        | #2g1:ready
    4 exited #2  -> workerCrashed #2 exited  | none
    13 clock     -> -                        | none
    14 clock     -> spawn #3 g1              | #3g1:starting
    15 exited #3 -> workerCrashed #3 starting exited | none
    34 clock     -> -                        | none
    35 clock     -> spawn #4 g1              | #4g1:starting
  `,
  'a worker that was ready for long enough clears the count of crashes': `
    2 exited #1   -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2   -> workerCrashed #2 starting exited | none
    13 clock      -> spawn #3 g1              | #3g1:starting
    14 ready #3   -> -                        | #3g1:ready
    214 exited #3 -> workerCrashed #3 exited, spawn #4 g1 | #4g1:starting
    215 ready #4  -> -                        | #4g1:ready
    216 exited #4 -> workerCrashed #4 exited  | none
    226 clock     -> spawn #5 g1              | #5g1:starting
  `,
  'a worker that was ready for not quite long enough does not clear the count of crashes': `
    2 exited #1   -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 ready #2    -> -                        | #2g1:ready
    202 exited #2 -> workerCrashed #2 exited  | none
    212 clock     -> spawn #3 g1              | #3g1:starting
  `,
  'a respawn that is not ready in time is a crash, with the note in its reason': `
    2 exited #1                          -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 startProblem #2 problem=no%20database -> -                        | #2g1:starting
    102 clock                            -> workerCrashed #2 starting startTimeout after=100 problem=no%20database, kill #2 | #2g1:killing
    103 exited #2                        -> -                        | none
    112 clock                            -> spawn #3 g1              | #3g1:starting
  `,
  'a respawn that cannot serve is a crash, told once': `
    2 exited #1                          -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 cannotServe #2 problem=never%20listened%20on%20%3A80 -> workerCrashed #2 starting cannotServe problem=never%20listened%20on%20%3A80, kill #2 | #2g1:killing
    4 exited #2                          -> -                        | none
    13 clock                             -> spawn #3 g1              | #3g1:starting
  `,
  'crashes of siblings count together, and each respawn takes the slot that became free': `
    with size=3
    2 exited #2 -> workerCrashed #2 exited, spawn #4 slot=2 g1 | #1g1:ready #3g1:ready #4g1:starting
    2 exited #3 -> workerCrashed #3 exited  | #1g1:ready #4g1:starting
    3 ready #4  -> -                        | #1g1:ready #4g1:ready
    12 clock    -> spawn #5 slot=3 g1       | #1g1:ready #4g1:ready #5g1:starting
    13 ready #5 -> -                        | #1g1:ready #4g1:ready #5g1:ready
  `,
  'a worker of the old generation that crashes during a rollout is replaced, in case of a rollback': `
    2 reload r1 -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #1 -> workerCrashed #1 exited, spawn #3 g1 | #2g2:starting #3g1:starting
    4 ready #3  -> -                        | #2g2:starting #3g1:ready
    5 exited #2 -> rolledBack g2 #2 starting exited, reply r1 failed #2 starting exited g2 | #3g1:ready
  `,
  'a worker that crashes right after its generation was rolled out is respawned in it': `
    2 reload r1 -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2  -> rolledOut g2 durationMs=1, reply r1 done g2, retire #1 | #1g1:draining #2g2:ready
    4 exited #2 -> workerCrashed #2 exited, spawn #3 g2 | #1g1:draining #3g2:starting
    5 exited #1 -> -                        | #3g2:starting
    6 ready #3  -> -                        | #3g2:ready
  `,
  'a reload does not wait for the back-off, and its success clears the count of crashes': `
    2 exited #1 -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2 -> workerCrashed #2 starting exited | none
    4 reload r1 -> spawn #3 g2              | #3g2:starting
    5 ready #3  -> rolledOut g2 durationMs=1, reply r1 done g2 | #3g2:ready
    6 exited #3 -> workerCrashed #3 exited, spawn #4 g2 | #4g2:starting
    7 exited #4 -> workerCrashed #4 starting exited | none
    8 clock     -> -                        | none
    17 clock    -> spawn #5 g2              | #5g2:starting
  `,
  'a failed reload leaves the back-off as it was': `
    2 exited #1 -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2 -> workerCrashed #2 starting exited | none
    4 reload r1 -> spawn #3 g2              | #3g2:starting
    5 exited #3 -> rolledBack g2 #3 starting exited, reply r1 failed #3 starting exited g2 | none
    12 clock    -> -                        | none
    13 clock    -> spawn #4 g1              | #4g1:starting
  `,
  'a starting worker that a signal for the master ends is started again, and a ready one has crashed': `
    2 reload r1               -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2 ending=SIGHUP -> startedAgain #2 signal=SIGHUP, spawn #3 g2 | #1g1:ready #3g2:starting
    4 ready #3                -> rolledOut g2 durationMs=2, reply r1 done g2, retire #1 | #1g1:draining #3g2:ready
    5 exited #3 ending=SIGHUP -> workerCrashed #3 exited ending=SIGHUP, spawn #4 g2 | #1g1:draining #4g2:starting
  `,
  'a worker that is started again has what is left of its time': `
    2 reload r1                 -> spawn #2 g2              | #1g1:ready #2g2:starting
    90 exited #2 ending=SIGUSR2 -> startedAgain #2 signal=SIGUSR2, spawn #3 g2 | #1g1:ready #3g2:starting
    102 clock                   -> rolledBack g2 #3 starting startTimeout after=100 problem=null, kill #3, reply r1 failed #3 starting startTimeout after=100 problem=null g2 | #1g1:ready #3g2:killing
  `,
  'a worker that a signal for the master ends in a crash loop does not wait, and the others do': `
    with size=2
    2 exited #1               -> workerCrashed #1 exited, spawn #3 g1 | #2g1:ready #3g1:starting
    3 exited #2               -> workerCrashed #2 exited  | #3g1:starting
    4 exited #3 ending=SIGHUP -> startedAgain #3 signal=SIGHUP, spawn #4 g1 | #4g1:starting
    5 exited #4               -> workerCrashed #4 starting exited | none
  `,
  'the master gives up after so many crashes in a row': `
    with maxCrashes=3
    2 exited #1             -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2             -> workerCrashed #2 starting exited | none
    13 clock                -> spawn #3 g1              | #3g1:starting
    14 exited #3 ending=127 -> workerCrashed #3 starting exited ending=127, shutdownBegun gaveUp crashes=3, shutdownDone gaveUp crashes=3, closeSockets, exit status=1 | none
  `,
  'the master does not give up while one worker is ready': `
    with size=2 maxCrashes=2
    2 exited #2  -> workerCrashed #2 exited, spawn #3 slot=2 g1 | #1g1:ready #3g1:starting
    3 exited #3  -> workerCrashed #3 starting exited | #1g1:ready
    13 clock     -> spawn #4 slot=2 g1       | #1g1:ready #4g1:starting
    14 exited #4 -> workerCrashed #4 starting exited | #1g1:ready
    15 exited #1 -> workerCrashed #1 exited, shutdownBegun gaveUp crashes=4, shutdownDone gaveUp crashes=4, closeSockets, exit status=1 | none
  `,
  'the master does not give up while a rollout may be the cure': `
    with maxCrashes=2
    2 exited #1 -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 reload r1 -> spawn #3 g2              | #2g1:starting #3g2:starting
    4 exited #2 -> workerCrashed #2 starting exited | #3g2:starting
    5 ready #3  -> rolledOut g2 durationMs=2, reply r1 done g2 | #3g2:ready
  `,
  // Found by random orders: giving up counted a worker that the same turn retired.
  'the master gives up in the very step in which the last ready worker is retired': `
    with size=2 maxCrashes=2
    2 reload r1 -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3  -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    4 exited #1 -> workerCrashed #1 exited, spawn #5 g1 | #2g1:ready #3g2:ready #4g2:starting #5g1:starting
    5 exited #2 -> workerCrashed #2 exited  | #3g2:ready #4g2:starting #5g1:starting
    6 exited #4 -> rolledBack g2 #4 starting exited, shutdownBegun gaveUp crashes=2, closeSockets, reply r1 failed #4 starting exited g2, retire #3, retire #5 | #3g2:draining #5g1:draining
  `,
});

test('a command that ends itself by a signal for the master fails in the end', () => {
  const limit = MAX_SIGNALLED_STARTS;
  const exits = Array.from({ length: limit + 1 }, (_, i) => `1 exited #${i + 1} ending=SIGUSR2`);
  const stateAfter = (count: number) =>
    play(['0 clock', ...exits.slice(0, count)]).fleet.lifecycle.state;
  assert.equal(stateAfter(limit), 'running');
  assert.equal(stateAfter(limit + 1), 'stopped');
});
