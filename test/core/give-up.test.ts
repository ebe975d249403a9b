// Giving up after crashes in a row, told as transcripts: one story a test.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('gives up after so many crashes in a row', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited | none
    13 clock     -> spawn #3 g1              | #3g1:starting
    14 exited #3 127 -> workerCrashed #3 starting exited 127, shutdownBegun: gaveUp after 3, shutdownDone: gaveUp after 3, closeSockets, exit 1 | none
    `,
    { policy: { maxCrashes: 3 } },
  );
});

test('does not give up while one worker is ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 exited #2  -> workerCrashed #2 exited, spawn #3 g1 slot 2 | #1g1:ready #3g1:starting
    3 exited #3  -> workerCrashed #3 starting exited | #1g1:ready
    13 clock     -> spawn #4 g1 slot 2       | #1g1:ready #4g1:starting
    14 exited #4 -> workerCrashed #4 starting exited | #1g1:ready
    15 exited #1 -> workerCrashed #1 exited, shutdownBegun: gaveUp after 4, shutdownDone: gaveUp after 4, closeSockets, exit 1 | none
    `,
    { size: 2, policy: { maxCrashes: 2 } },
  );
});

test('giving up answers who waits', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 scale 2 r1 -> spawn #3 g1 slot 2       | #2g1:starting #3g1:starting
    4 ready #3   -> -                        | #2g1:starting #3g1:ready
    5 exited #2  -> workerCrashed #2 starting exited, reply r1 g1 failed: #2 starting exited | #3g1:ready
    6 exited #3  -> workerCrashed #3 exited, shutdownBegun: gaveUp after 3, shutdownDone: gaveUp after 3, closeSockets, exit 1 | none
    `,
    { policy: { maxCrashes: 2 } },
  );
});

test('does not give up while a roll out may be the cure', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 reload r1  -> spawn #3 g2              | #2g1:starting #3g2:starting
    4 exited #2  -> workerCrashed #2 starting exited | #3g2:starting
    5 ready #3   -> rolledOut g2 in 2ms, reply r1 g2 done | #3g2:ready
    `,
    { policy: { maxCrashes: 2 } },
  );
});

test('gives up in the very turn in which the last ready worker goes', () => {
  // Found by random orders: giving up counted a worker that the same turn retired.
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    4 exited #1  -> workerCrashed #1 exited, spawn #5 g1 | #2g1:ready #3g2:ready #4g2:starting #5g1:starting
    5 exited #2  -> workerCrashed #2 exited  | #3g2:ready #4g2:starting #5g1:starting
    6 exited #4  -> rolledBack g2: #4 starting exited, shutdownBegun: gaveUp after 2, closeSockets, reply r1 g2 failed: #4 starting exited, retire #3, retire #5 | #3g2:draining #5g1:draining
    `,
    { size: 2, policy: { maxCrashes: 2 } },
  );
});
