// Giving up after crashes in a row, told as transcripts: one story a test.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('gives up after so many crashes in a row', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> crashed #1: worker 1 of generation 1 exited with status 1, spawn #2 g1 | #2g1:starting
    3 exited #2  -> crashed #2: worker 1 of generation 1 exited with status 1 before it was ready | none
    13 clock     -> spawn #3 g1              | #3g1:starting
    14 exited #3 127 -> crashed #3: worker 1 of generation 1 exited with status 127, stopping: gave up after 3 crashes, stopped 1: same | none
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
    2 exited #2  -> crashed #2: worker 2 of generation 1 exited with status 1, spawn #3 g1 slot 2 | #1g1:ready #3g1:starting
    3 exited #3  -> crashed #3: worker 2 of generation 1 exited with status 1 before it was ready | #1g1:ready
    13 clock     -> spawn #4 g1 slot 2       | #1g1:ready #4g1:starting
    14 exited #4 -> crashed #4: worker 2 of generation 1 exited with status 1 before it was ready | #1g1:ready
    15 exited #1 -> crashed #1: worker 1 of generation 1 exited with status 1, stopping: gave up after 4 crashes, stopped 1: same | none
    `,
    { size: 2, policy: { maxCrashes: 2 } },
  );
});

test('giving up answers who waits', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> crashed #1: worker 1 of generation 1 exited with status 1, spawn #2 g1 | #2g1:starting
    3 scale 2 r1 -> spawn #3 g1 slot 2       | #2g1:starting #3g1:starting
    4 ready #3   -> -                        | #2g1:starting #3g1:ready
    5 exited #2  -> crashed #2: worker 1 of generation 1 exited with status 1 before it was ready, reply r1 no g1: same | #3g1:ready
    6 exited #3  -> crashed #3: worker 2 of generation 1 exited with status 1, stopping: gave up after 3 crashes, stopped 1: same | none
    `,
    { policy: { maxCrashes: 2 } },
  );
});

test('does not give up while a roll out may be the cure', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> crashed #1: worker 1 of generation 1 exited with status 1, spawn #2 g1 | #2g1:starting
    3 reload r1  -> spawn #3 g2              | #2g1:starting #3g2:starting
    4 exited #2  -> crashed #2: worker 1 of generation 1 exited with status 1 before it was ready | #3g2:starting
    5 ready #3   -> rolledOut g2 in 2ms, reply r1 ok g2 | #3g2:ready
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
    4 exited #1  -> crashed #1: worker 1 of generation 1 exited with status 1, spawn #5 g1 | #2g1:ready #3g2:ready #4g2:starting #5g1:starting
    5 exited #2  -> crashed #2: worker 2 of generation 1 exited with status 1 | #3g2:ready #4g2:starting #5g1:starting
    6 exited #4  -> rolledBack g2: worker 2 of generation 2 exited with status 1 before it was ready, reply r1 no g2: same, stopping: gave up after 2 crashes, retire #3, retire #5 | #3g2:draining #5g1:draining
    `,
    { size: 2, policy: { maxCrashes: 2 } },
  );
});
