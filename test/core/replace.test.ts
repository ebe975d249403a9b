// A ready worker is replaced without a gap: its replacement is ready first. Told as transcripts.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('a worker that announces its end stays until its replacement is ready', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 wantsReplacement #1 stopping -> replacing #1: stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 wantsReplacement #1 stopping -> -                        | #1g1:ready leaving #2g1:starting
    4 ready #2   -> retire #1                | #1g1:draining #2g1:ready
    5 drained #1 -> signal #1                | #1g1:draining #2g1:ready
    6 exited #1 0 -> -                        | #2g1:ready
  `);
});

test('a worker that announces its end may exit before its replacement is ready, with any status', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 wantsReplacement #1 stopping -> replacing #1: stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 exited #1  -> -                        | #2g1:starting
    4 ready #2   -> -                        | #2g1:ready
  `);
});

test('a worker that reports an error of its own is replaced, and its watchdog does not kill it', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 wantsReplacement #1 watchdog -> replacing #1: watchdog, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    40 clock     -> -                        | #1g1:ready leaving #2g1:starting
    41 ready #2  -> retire #1                | #1g1:draining #2g1:ready
  `,
    { policy: { watchdog: 30 } },
  );
});

test('the replacement takes the slot of the leaving worker, and only that one drains', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 wantsReplacement #1 stopping -> replacing #1: stopping, spawn #3 g1 | #1g1:ready leaving #2g1:ready #3g1:starting
    3 ready #3   -> retire #1                | #1g1:draining #2g1:ready #3g1:ready
  `,
    { size: 2 },
  );
});

test('a replacement that crashes is tried again after a wait, and the leaving worker stays', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 wantsReplacement #1 stopping -> replacing #1: stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited | #1g1:ready leaving
    13 clock     -> spawn #3 g1              | #1g1:ready leaving #3g1:starting
    14 ready #3  -> retire #1                | #1g1:draining #3g1:ready
  `);
});

test('after scaling down a leaving worker stays until all others are ready', () => {
  // Found by random orders: it was retired at once, as no replacement would ever have its slot.
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #3 g1 | #2g1:ready #3g1:starting
    3 scale 1    -> retire #3                | #2g1:ready #3g1:draining
    4 wantsReplacement #2 stopping -> replacing #2: stopping   | #2g1:ready leaving #3g1:draining
    14 clock     -> spawn #4 g1              | #2g1:ready leaving #3g1:draining #4g1:starting
    15 ready #4  -> retire #2                | #2g1:draining #3g1:draining #4g1:ready
  `,
    { size: 2 },
  );
});

test('a leaving worker of a generation that is being rolled out fails the rollout', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> -                        | #1g1:ready #2g2:ready
    4 wantsReplacement #2 watchdog -> rolledBack g2: #2 reportedUnhealthy, retire #2, reply r1 g2 failed: #2 reportedUnhealthy | #1g1:ready #2g2:draining
  `,
    { policy: { overlap: 10 } },
  );
});

test('a rollout replaces a leaving worker like any other', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 wantsReplacement #1 stopping -> replacing #1: stopping, spawn #3 g1 | #1g1:ready leaving #2g2:starting #3g1:starting
    4 ready #2   -> rolledOut g2 in 2ms, reply r1 g2 done, retire #1, retire #3 | #1g1:draining #2g2:ready #3g1:draining
  `);
});
