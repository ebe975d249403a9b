// A ready worker is replaced without a gap: its replacement is ready first. Told as transcripts.
import { stories } from '../helpers/transcript.js';

stories({
  'a worker that announces its end stays until its replacement is ready, and the next one that does so waits for a replacement': `
    2 wantsReplacement #1 reason=stopping -> replacing #1 reason=stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 wantsReplacement #1 reason=stopping -> -                        | #1g1:ready leaving #2g1:starting
    4 ready #2                           -> retire #1                | #1g1:draining #2g1:ready
    5 drained #1                         -> signal #1                | #1g1:draining #2g1:ready
    6 exited #1 ending=0                 -> -                        | #2g1:ready
    7 wantsReplacement #2 reason=stopping -> replacing #2 reason=stopping | #2g1:ready leaving
    16 clock                             -> -                        | #2g1:ready leaving
    17 clock                             -> spawn #3 g1              | #2g1:ready leaving #3g1:starting
  `,
  'a worker that announces its end may exit before its replacement is ready, with any status': `
    2 wantsReplacement #1 reason=stopping -> replacing #1 reason=stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 exited #1                          -> -                        | #2g1:starting
    4 ready #2                           -> -                        | #2g1:ready
  `,
  'a worker that announces its end before it is ready has failed': `
    2 reload r1                          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 wantsReplacement #2 reason=stopping -> rolledBack g2 #2 starting stoppedItself, retire #2, reply r1 failed #2 starting stoppedItself g2 | #1g1:ready #2g2:draining
    4 exited #2                          -> -                        | #1g1:ready
  `,
  'a worker that asks to be replaced before its generation serves fails the rollout': `
    with overlap=10
    2 reload r1                          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2                           -> -                        | #1g1:ready #2g2:ready
    4 wantsReplacement #2 reason=watchdog -> rolledBack g2 #2 reportedUnhealthy, retire #2, reply r1 failed #2 reportedUnhealthy g2 | #1g1:ready #2g2:draining
  `,
  'a worker that reports an error of its own is replaced, and its watchdog does not kill it': `
    with watchdog=30
    2 wantsReplacement #1 reason=watchdog -> replacing #1 reason=watchdog, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    40 clock                             -> -                        | #1g1:ready leaving #2g1:starting
    41 ready #2                          -> retire #1                | #1g1:draining #2g1:ready
  `,
  'the replacement takes the slot of the leaving worker, and only that one drains': `
    with size=2
    2 wantsReplacement #1 reason=stopping -> replacing #1 reason=stopping, spawn #3 g1 | #1g1:ready leaving #2g1:ready #3g1:starting
    3 ready #3                           -> retire #1                | #1g1:draining #2g1:ready #3g1:ready
  `,
  'a replacement that crashes is tried again after a wait, and the leaving worker stays': `
    2 wantsReplacement #1 reason=stopping -> replacing #1 reason=stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 exited #2                          -> workerCrashed #2 starting exited | #1g1:ready leaving
    13 clock                             -> spawn #3 g1              | #1g1:ready leaving #3g1:starting
    14 ready #3                          -> retire #1                | #1g1:draining #3g1:ready
  `,
  // Found by random orders: it was retired at once, as no replacement would ever have its slot.
  'after scaling down a leaving worker stays until all others are ready': `
    with size=2
    2 exited #1                          -> workerCrashed #1 exited, spawn #3 g1 | #2g1:ready #3g1:starting
    3 scale workers=1                    -> retire #3                | #2g1:ready #3g1:draining
    4 wantsReplacement #2 reason=stopping -> replacing #2 reason=stopping | #2g1:ready leaving #3g1:draining
    14 clock                             -> spawn #4 g1              | #2g1:ready leaving #3g1:draining #4g1:starting
    15 ready #4                          -> retire #2                | #2g1:draining #3g1:draining #4g1:ready
  `,
  'a rollout replaces a leaving worker like any other': `
    2 reload r1                          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 wantsReplacement #1 reason=stopping -> replacing #1 reason=stopping, spawn #3 g1 | #1g1:ready leaving #2g2:starting #3g1:starting
    4 ready #2                           -> rolledOut g2 durationMs=2, reply r1 done g2, retire #1, retire #3 | #1g1:draining #2g2:ready #3g1:draining
  `,
});
