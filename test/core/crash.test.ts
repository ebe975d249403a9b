// Crashes of a serving generation, told as transcripts: one story a test.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('the first respawn is immediate, then waits double up to the ceiling', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 ready #2   -> -                        | #2g1:ready
    4 exited #2  -> workerCrashed #2 exited  | none
    13 clock     -> -                        | none
    14 clock     -> spawn #3 g1              | #3g1:starting
    15 exited #3 -> workerCrashed #3 starting exited | none
    34 clock     -> -                        | none
    35 clock     -> spawn #4 g1              | #4g1:starting
    36 exited #4 -> workerCrashed #4 starting exited | none
    76 clock     -> spawn #5 g1              | #5g1:starting
    77 exited #5 -> workerCrashed #5 starting exited | none
    116 clock    -> -                        | none
    117 clock    -> spawn #6 g1              | #6g1:starting
    `,
  );
});

test('a worker that was ready for long enough clears the count', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited | none
    13 clock     -> spawn #3 g1              | #3g1:starting
    14 ready #3  -> -                        | #3g1:ready
    214 exited #3 -> workerCrashed #3 exited, spawn #4 g1 | #4g1:starting
    215 ready #4 -> -                        | #4g1:ready
    216 exited #4 -> workerCrashed #4 exited  | none
    226 clock    -> spawn #5 g1              | #5g1:starting
    `,
  );
});

test('a worker that was ready for not quite long enough does not', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 ready #2   -> -                        | #2g1:ready
    202 exited #2 -> workerCrashed #2 exited  | none
    212 clock    -> spawn #3 g1              | #3g1:starting
    `,
  );
});

test('a respawn that is not ready in time is a crash, with the note in its reason', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 startProblem #2 waiting for the database -> -                        | #2g1:starting
    102 clock    -> workerCrashed #2 startTimeout 100ms waiting for the database, kill #2 | #2g1:killing
    103 exited #2 -> -                        | none
    112 clock    -> spawn #3 g1              | #3g1:starting
    `,
  );
});

test('a respawn that is unfit is a crash, told once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 cannotServe #2 never listened on :80 -> workerCrashed #2 starting cannotServe never listened on :80, kill #2 | #2g1:killing
    4 exited #2  -> -                        | none
    13 clock     -> spawn #3 g1              | #3g1:starting
    `,
  );
});

test('crashes of siblings count together, and each takes the place that became free', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2, spawn #3 g1 slot 3 | #1g1:starting #2g1:starting #3g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting #3g1:starting
    1 ready #2   -> -                        | #1g1:ready #2g1:ready #3g1:starting
    1 ready #3   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready #3g1:ready
    2 exited #2  -> workerCrashed #2 exited, spawn #4 g1 slot 2 | #1g1:ready #3g1:ready #4g1:starting
    2 exited #3  -> workerCrashed #3 exited  | #1g1:ready #4g1:starting
    3 ready #4   -> -                        | #1g1:ready #4g1:ready
    12 clock     -> spawn #5 g1 slot 3       | #1g1:ready #4g1:ready #5g1:starting
    13 ready #5  -> -                        | #1g1:ready #4g1:ready #5g1:ready
    `,
    { size: 3 },
  );
});

test('an old worker that crashes during a roll out is replaced, in case of a roll back', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #1  -> workerCrashed #1 exited, spawn #3 g1 | #2g2:starting #3g1:starting
    4 ready #3   -> -                        | #2g2:starting #3g1:ready
    5 exited #2  -> rolledBack g2: #2 starting exited, reply r1 g2 failed: #2 starting exited | #3g1:ready
    `,
  );
});

test('a respawn of the old generation goes when the new one is ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #1  -> workerCrashed #1 exited, spawn #3 g1 | #2g2:starting #3g1:starting
    4 ready #2   -> rolledOut g2 in 2ms, reply r1 g2 done, retire #3 | #2g2:ready #3g1:draining
    5 exited #3  -> -                        | #2g2:ready
    `,
  );
});

test('a new worker that crashes right after ready is respawned in the new generation', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, reply r1 g2 done, retire #1 | #1g1:draining #2g2:ready
    4 exited #2  -> workerCrashed #2 exited, spawn #3 g2 | #1g1:draining #3g2:starting
    5 exited #1  -> -                        | #3g2:starting
    6 ready #3   -> -                        | #3g2:ready
    `,
  );
});

test('a retired worker may leave as it likes', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    4 exited #1 139 -> -                        | #2g2:ready
    `,
  );
});

test('a reload does not wait for the backoff, and its success clears the count', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited | none
    4 reload r1  -> spawn #3 g2              | #3g2:starting
    5 ready #3   -> rolledOut g2 in 1ms, reply r1 g2 done | #3g2:ready
    6 exited #3  -> workerCrashed #3 exited, spawn #4 g2 | #4g2:starting
    7 exited #4  -> workerCrashed #4 starting exited | none
    8 clock      -> -                        | none
    17 clock     -> spawn #5 g2              | #5g2:starting
    `,
  );
});

test('a failed reload leaves the backoff as it was', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 exited #1  -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2  -> workerCrashed #2 starting exited | none
    4 reload r1  -> spawn #3 g2              | #3g2:starting
    5 exited #3  -> rolledBack g2: #3 starting exited, reply r1 g2 failed: #3 starting exited | none
    12 clock     -> -                        | none
    13 clock     -> spawn #4 g1              | #4g1:starting
    `,
  );
});
