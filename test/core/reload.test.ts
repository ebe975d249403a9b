// Reloading, told as transcripts: one story a test.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('a reload: the old worker is untouched until the new one is ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 acceptsConnections #2 -> -                        | #1g1:ready #2g2:starting
    4 ready #2   -> rolledOut g2 in 2ms, reply r1 g2 done, retire #1 | #1g1:draining #2g2:ready
    5 drained #1 -> signal #1                | #1g1:draining #2g2:ready
    6 exited #1  -> -                        | #2g2:ready
    `,
  );
});

test('both generations accept for a moment before the old one is retired', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    2 ready #2   -> rolledOut g1 in 2ms      | #1g1:ready #2g1:ready
    3 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    4 ready #3   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    5 ready #4   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:ready
    9 clock      -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:ready
    10 clock     -> rolledOut g2 in 7ms, reply r1 g2 done, retire #1, retire #2 | #1g1:draining #2g1:draining #3g2:ready #4g2:ready
    `,
    { size: 2, policy: { overlap: 5 } },
  );
});

test('a new worker that dies during the overlap is rolled back, and the old worker keeps serving', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> -                        | #1g1:ready #2g2:ready
    4 exited #2  -> rolledBack g2: #2 exited, reply r1 g2 failed: #2 exited | #1g1:ready
    `,
    { policy: { overlap: 5 } },
  );
});

test('with nobody left to take over from, the new generation does not wait', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> -                        | #1g1:ready #2g2:ready
    4 exited #1  -> workerCrashed #1 exited, rolledOut g2 in 2ms, reply r1 g2 done | #2g2:ready
    `,
    { policy: { overlap: 5 } },
  );
});

test('a stop in that moment retires both', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> -                        | #1g1:ready #2g2:ready
    4 stop       -> shutdownBegun: requested, closeSockets, reply r1 g1 cancelled: requested, retire #1, retire #2 | #1g1:draining #2g2:draining
    `,
    { policy: { overlap: 5 } },
  );
});

test('three reloads during a roll out make exactly one more, for all who asked meanwhile', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r2  -> -                        | #1g1:ready #2g2:starting
    4 reload     -> -                        | #1g1:ready #2g2:starting
    5 reload r3  -> -                        | #1g1:ready #2g2:starting
    6 ready #2   -> rolledOut g2 in 4ms, reply r1 g2 done, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
    7 exited #1  -> -                        | #2g2:ready #3g3:starting
    8 ready #3   -> rolledOut g3 in 2ms, reply r2 g3 done, reply r3 g3 done, retire #2 | #2g2:draining #3g3:ready
    9 exited #2  -> -                        | #3g3:ready
    `,
  );
});

test('whoever asks during a roll out that fails gets the outcome of the next', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r2  -> -                        | #1g1:ready #2g2:starting
    4 exited #2  -> rolledBack g2: #2 starting exited, reply r1 g2 failed: #2 starting exited, spawn #3 g3 | #1g1:ready #3g3:starting
    5 ready #3   -> rolledOut g3 in 1ms, reply r2 g3 done, retire #1 | #1g1:draining #3g3:ready
    `,
  );
});

test('reloads during the start make one more roll out', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 reload r1  -> -                        | #1g1:starting
    2 reload r2  -> -                        | #1g1:starting
    3 ready #1   -> rolledOut g1 in 3ms, spawn #2 g2 | #1g1:ready #2g2:starting
    4 ready #2   -> rolledOut g2 in 1ms, reply r1 g2 done, reply r2 g2 done, retire #1 | #1g1:draining #2g2:ready
    `,
  );
});

test('a reload before the first worker is spawned is the start', () => {
  tells(
    `
    0 reload r1  -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms, reply r1 g1 done | #1g1:ready
    `,
  );
});

test('an old generation may still drain when the next reload comes', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    4 reload     -> spawn #3 g3              | #1g1:draining #2g2:ready #3g3:starting
    5 ready #3   -> rolledOut g3 in 1ms, retire #2 | #1g1:draining #2g2:draining #3g3:ready
    6 exited #1  -> -                        | #2g2:draining #3g3:ready
    7 exited #2  -> -                        | #3g3:ready
    `,
  );
});

test('a reload fails when the new worker exits before it is ready, with whatever status', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2 0 -> rolledBack g2: #2 starting exited 0, reply r1 g2 failed: #2 starting exited 0 | #1g1:ready
    4 reload r2  -> spawn #3 g3              | #1g1:ready #3g3:starting
    5 spawned #3 73 -> -                        | #1g1:ready #3g3:starting
    6 exited #3 SIGSEGV -> rolledBack g3: #3 starting exited SIGSEGV, reply r2 g3 failed: #3 starting exited SIGSEGV | #1g1:ready
    `,
  );
});

test('a reload fails when the new worker is not ready in time, and the reason carries the note', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 startProblem #2 it listens on 127.0.0.1:3001 -> -                        | #1g1:ready #2g2:starting
    101 clock    -> -                        | #1g1:ready #2g2:starting
    102 clock    -> rolledBack g2: #2 startTimeout 100ms it listens on 127.0.0.1:3001, kill #2, reply r1 g2 failed: #2 startTimeout 100ms it listens on 127.0.0.1:3001 | #1g1:ready #2g2:killing
    103 exited #2 -> -                        | #1g1:ready
    110 reload r2 -> spawn #3 g3              | #1g1:ready #3g3:starting
    120 startProblem #3 nothing yet -> -                        | #1g1:ready #3g3:starting
    130 startProblem #3 -> -                        | #1g1:ready #3g3:starting
    210 clock    -> rolledBack g3: #3 startTimeout 100ms, kill #3, reply r2 g3 failed: #3 startTimeout 100ms | #1g1:ready #3g3:killing
    `,
  );
});

test('a reload fails when the new worker is unfit, and it cannot become ready any more', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 cannotServe #2 never listened on :80 -> rolledBack g2: #2 starting cannotServe never listened on :80, kill #2, reply r1 g2 failed: #2 starting cannotServe never listened on :80 | #1g1:ready #2g2:killing
    4 ready #2   -> -                        | #1g1:ready #2g2:killing
    5 exited #2  -> -                        | #1g1:ready
    `,
  );
});

test('siblings of a worker that failed may hold connections by now, and are drained', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2, spawn #3 g1 slot 3, spawn #4 g1 slot 4 | #1g1:starting #2g1:starting #3g1:starting #4g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting #3g1:starting #4g1:starting
    1 ready #2   -> -                        | #1g1:ready #2g1:ready #3g1:starting #4g1:starting
    1 ready #3   -> -                        | #1g1:ready #2g1:ready #3g1:ready #4g1:starting
    1 ready #4   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready #3g1:ready #4g1:ready
    2 reload r1  -> spawn #5 g2, spawn #6 g2 slot 2, spawn #7 g2 slot 3, spawn #8 g2 slot 4 | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:starting #6g2:starting #7g2:starting #8g2:starting
    3 ready #5   -> -                        | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:ready #6g2:starting #7g2:starting #8g2:starting
    4 acceptsConnections #6 -> -                        | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:ready #6g2:starting #7g2:starting #8g2:starting
    5 exited #7  -> rolledBack g2: #7 starting exited, reply r1 g2 failed: #7 starting exited, retire #5, retire #6, retire #8 | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:draining #6g2:draining #8g2:draining
    6 drained #5 -> signal #5                | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:draining #6g2:draining #8g2:draining
    7 exited #5  -> -                        | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #6g2:draining #8g2:draining
    `,
    { size: 4 },
  );
});

test('a worker that was ready and exits before its siblings are fails the reload', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    4 exited #3  -> rolledBack g2: #3 exited, reply r1 g2 failed: #3 exited, retire #4 | #1g1:ready #2g1:ready #4g2:draining
    5 exited #4  -> -                        | #1g1:ready #2g1:ready
    `,
    { size: 2 },
  );
});

test('the exception that ended a worker is part of the reason', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2 -- Error%3A%20no%20such%20table -> rolledBack g2: #2 starting exited -- Error: no such table, reply r1 g2 failed: #2 starting exited -- Error: no such table | #1g1:ready
    `,
  );
});

test('of several failures the first is the reason', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 startProblem #3 slow -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    4 startProblem #4 slower -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    102 clock    -> rolledBack g2: #3 startTimeout 100ms slow, kill #3, kill #4, reply r1 g2 failed: #3 startTimeout 100ms slow | #1g1:ready #2g1:ready #3g2:killing #4g2:killing
    `,
    { size: 2 },
  );
});

test('a reload that does not wait is accepted, or refused, at once', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1 no-wait -> reply r1 g1 accepted, spawn #2 g2 | #1g1:ready #2g2:starting
    3 reload r2 no-wait -> reply r2 g1 accepted     | #1g1:ready #2g2:starting
    4 stop       -> shutdownBegun: requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g2:draining
    5 reload r3 no-wait -> reply r3 g1 refused: stopping, requested | #1g1:draining #2g2:draining
    6 exited #1  -> -                        | #2g2:draining
    7 exited #2  -> shutdownDone: requested, exit 0 | none
    8 reload r4 no-wait -> reply r4 g1 refused: stopped | none
  `);
});
