// Scaling, told as transcripts: one story a test.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('up and down: answered when as many are ready as were asked for', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scale 3 r1 -> spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:ready #2g1:starting #3g1:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:starting #3g1:ready
    4 ready #2   -> reply r1 g1 done         | #1g1:ready #2g1:ready #3g1:ready
    5 scale 1 r2 -> retire #3, retire #2, reply r2 g1 done | #1g1:ready #2g1:draining #3g1:draining
    6 exited #3  -> -                        | #1g1:ready #2g1:draining
    6 exited #2  -> -                        | #1g1:ready
    7 scale 1 r3 -> reply r3 g1 done         | #1g1:ready
    `,
  );
});

test('a starting worker goes before a ready one', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    2 ready #2   -> rolledOut g1 in 2ms      | #1g1:ready #2g1:ready
    3 exited #1  -> workerCrashed #1 exited, spawn #3 g1 | #2g1:ready #3g1:starting
    4 scale 1 r1 -> retire #3, reply r1 g1 done | #2g1:ready #3g1:draining
    5 exited #3  -> -                        | #2g1:ready
    `,
    { size: 2 },
  );
});

test('a starting worker that takes connections is drained', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scale 2 r1 -> spawn #2 g1 slot 2       | #1g1:ready #2g1:starting
    3 acceptsConnections #2 -> -                        | #1g1:ready #2g1:starting
    4 scale 1 r2 -> reply r1 g1 refused: superseded by 1, retire #2, reply r2 g1 done | #1g1:ready #2g1:draining
    5 ready #2   -> -                        | #1g1:ready #2g1:draining
    `,
  );
});

test('up during a roll out: both generations grow', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 scale 2 r2 -> spawn #3 g2 slot 2, spawn #4 g1 slot 2 | #1g1:ready #2g2:starting #3g2:starting #4g1:starting
    4 ready #2   -> -                        | #1g1:ready #2g2:ready #3g2:starting #4g1:starting
    5 ready #4   -> reply r2 g1 done         | #1g1:ready #2g2:ready #3g2:starting #4g1:ready
    6 ready #3   -> rolledOut g2 in 4ms, reply r1 g2 done, retire #1, retire #4 | #1g1:draining #2g2:ready #3g2:ready #4g1:draining
    `,
  );
});

test('up during a roll out that ends first: the new generation answers', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 scale 2 r2 -> spawn #3 g2 slot 2, spawn #4 g1 slot 2 | #1g1:ready #2g2:starting #3g2:starting #4g1:starting
    4 ready #2   -> -                        | #1g1:ready #2g2:ready #3g2:starting #4g1:starting
    5 ready #3   -> rolledOut g2 in 3ms, reply r1 g2 done, retire #1, retire #4, reply r2 g2 done | #1g1:draining #2g2:ready #3g2:ready #4g1:draining
    `,
  );
});

test('down during a roll out: nobody who serves goes before a new one is ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 scale 1 r2 -> retire #4, retire #2, reply r2 g1 done | #1g1:ready #2g1:draining #3g2:starting #4g2:draining
    4 ready #3   -> rolledOut g2 in 2ms, reply r1 g2 done, retire #1 | #1g1:draining #2g1:draining #3g2:ready #4g2:draining
    5 exited #4  -> -                        | #1g1:draining #2g1:draining #3g2:ready
    `,
    { size: 2 },
  );
});

test('down during a roll out may complete it: the ready worker stays, the starting one goes', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #4   -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:ready
    4 scale 1 r2 -> rolledOut g2 in 2ms, reply r1 g2 done, retire #1, retire #2, retire #3, reply r2 g2 done | #1g1:draining #2g1:draining #3g2:draining #4g2:ready
    5 exited #3  -> -                        | #1g1:draining #2g1:draining #4g2:ready
    `,
    { size: 2 },
  );
});

test('down to those who are left after a crash: nobody goes', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:starting #2g1:starting #3g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting #3g1:starting
    1 ready #2   -> -                        | #1g1:ready #2g1:ready #3g1:starting
    1 ready #3   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready #3g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #4 g1 | #2g1:ready #3g1:ready #4g1:starting
    3 exited #4  -> workerCrashed #4 starting exited | #2g1:ready #3g1:ready
    4 scale 2 r1 -> reply r1 g1 done         | #2g1:ready #3g1:ready
    13 clock     -> -                        | #2g1:ready #3g1:ready
    `,
    { size: 3 },
  );
});

test('up during a backoff waits for its end', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited | none
    4 scale 2 r1 -> -                        | none
    13 clock     -> spawn #3 g1, spawn #4 g1 slot 2 | #3g1:starting #4g1:starting
    14 ready #3  -> -                        | #3g1:ready #4g1:starting
    15 ready #4  -> reply r1 g1 done         | #3g1:ready #4g1:ready
    `,
  );
});

test('during the start, with one worker ahead', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 scale 2 r1 -> -                        | #1g1:starting
    2 ready #1   -> spawn #2 g1 slot 2       | #1g1:ready #2g1:starting
    3 ready #2   -> rolledOut g1 in 3ms, reply r1 g1 done | #1g1:ready #2g1:ready
    `,
    { policy: { startFirstWorkerAlone: true } },
  );
});

test('a newer wish refuses those who wait for another size', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scale 2 r1 -> spawn #2 g1 slot 2       | #1g1:ready #2g1:starting
    3 scale 2 r2 -> -                        | #1g1:ready #2g1:starting
    4 scale 3 r3 -> reply r1 g1 refused: superseded by 3, reply r2 g1 refused: superseded by 3, spawn #3 g1 slot 3 | #1g1:ready #2g1:starting #3g1:starting
    5 ready #2   -> -                        | #1g1:ready #2g1:ready #3g1:starting
    6 scaleBy -1 -> reply r3 g1 refused: superseded by 2, retire #3 | #1g1:ready #2g1:ready #3g1:draining
    `,
  );
});

test('never below one', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scale 0 r1 -> reply r1 g1 done         | #1g1:ready
    3 scale -3 r2 -> reply r2 g1 done         | #1g1:ready
    4 scaleBy -1 -> -                        | #1g1:ready
    `,
  );
});

test('by a difference', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scaleBy +2 -> spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:ready #2g1:starting #3g1:starting
    3 scaleBy -1 -> retire #3                | #1g1:ready #2g1:starting #3g1:draining
    4 scaleBy -5 -> retire #2                | #1g1:ready #2g1:draining #3g1:draining
    `,
  );
});

test('refused when a worker fails to start, but the size stays wanted', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scale 2 r1 -> spawn #2 g1 slot 2       | #1g1:ready #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited, reply r1 g1 failed: #2 starting exited, spawn #3 g1 slot 2 | #1g1:ready #3g1:starting
    4 ready #3   -> -                        | #1g1:ready #3g1:ready
    `,
  );
});

test('a ready worker that crashes only delays the answer', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 scale 2 r1 -> spawn #2 g1 slot 2       | #1g1:ready #2g1:starting
    3 exited #1  -> workerCrashed #1 exited, spawn #3 g1 | #2g1:starting #3g1:starting
    4 ready #2   -> -                        | #2g1:ready #3g1:starting
    5 ready #3   -> reply r1 g1 done         | #2g1:ready #3g1:ready
    `,
  );
});
