// Files that change: what they begin, what they put an end to, and what they repair.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

const waiting = { policy: { waitForChange: true } };

test('a change is a reload that nobody waits for', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
  `);
});

test('a newer change puts an end to what an older one began', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    5 filesChanged a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    6 ready #2   -> -                        | #1g1:ready #2g2:draining #3g3:starting
    7 drained #2 -> signal #2                | #1g1:ready #2g2:draining #3g3:starting
    8 ready #3   -> rolledOut g3 in 3ms, retire #1 | #1g1:draining #2g2:draining #3g3:ready
  `);
});

test('a reload that somebody asked for is finished, and exactly one more follows', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 filesChanged a.js -> -                        | #1g1:ready #2g2:starting
    4 filesChanged b.js -> -                        | #1g1:ready #2g2:starting
    5 ready #2   -> rolledOut g2 in 3ms, reply r1 g2 done, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
    6 ready #3   -> rolledOut g3 in 1ms, retire #2 | #1g1:draining #2g2:draining #3g3:ready
  `);
});

test('so is one that was asked for by a signal', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 filesChanged a.js -> -                        | #1g1:ready #2g2:starting
    4 ready #2   -> rolledOut g2 in 2ms, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
  `);
});

test('who asks during the roll out of a change gets the outcome of the next one, be it begun by a change', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r1  -> -                        | #1g1:ready #2g2:starting
    4 filesChanged b.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    5 filesChanged c.js -> -                        | #1g1:ready #2g2:draining #3g3:starting
    6 ready #3   -> rolledOut g3 in 2ms, reply r1 g3 done, retire #1, spawn #4 g4 | #1g1:draining #2g2:draining #3g3:ready #4g4:starting
  `);
});

test('saves that come faster than the app boots do not put it off for ever', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    8 filesChanged a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    15 filesChanged a.js -> rolloutAbandoned g3, retire #3, spawn #4 g4 | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
    20 filesChanged a.js -> -                        | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
    24 ready #4  -> rolledOut g4 in 9ms, retire #1, spawn #5 g5 | #1g1:draining #2g2:draining #3g3:draining #4g4:ready #5g5:starting
    26 filesChanged a.js -> rolloutAbandoned g5, retire #5, spawn #6 g6 | #1g1:draining #2g2:draining #3g3:draining #4g4:ready #5g5:draining #6g6:starting
  `,
    { policy: { maxAbandonTime: 12 } },
  );
});

test('what hangs at its start is abandoned, however long it has been hanging', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    60 filesChanged a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
  `,
    { policy: { maxAbandonTime: 12 } },
  );
});

test('and also when it has got its time because of others before it', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    14 filesChanged a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    15 filesChanged a.js -> -                        | #1g1:ready #2g2:draining #3g3:starting
    26 clock     -> rolloutAbandoned g3, retire #3, spawn #4 g4 | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
  `,
    { policy: { maxAbandonTime: 12 } },
  );
});

test('what is all ready serves first, however new the change', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> -                        | #1g1:ready #2g2:ready
    5 filesChanged b.js -> -                        | #1g1:ready #2g2:ready
    13 clock     -> rolledOut g2 in 11ms, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
  `,
    { policy: { overlap: 10 } },
  );
});

test('a failure that comes with a change is told, and the change begins the next', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2  -> rolledBack g2: #2 starting exited | #1g1:ready
    9 filesChanged a.js -> spawn #3 g3              | #1g1:ready #3g3:starting
    12 ready #3  -> rolledOut g3 in 3ms, retire #1 | #1g1:draining #3g3:ready
  `);
});

test('a first generation that fails is the end', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 filesChanged a.js -> -                        | #1g1:starting
    2 exited #1  -> rolledBack g1: #1 starting exited, shutdownBegun: #1 starting exited, shutdownDone: #1 starting exited, closeSockets, exit 1 | none
  `);
});

test('and not where the next change is waited for', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    2 exited #1  -> rolledBack g1: #1 starting exited | none
    3 clock      -> -                        | none
    8 filesChanged a.js -> spawn #2 g2              | #2g2:starting
    9 exited #2  -> rolledBack g2: #2 starting exited | none
    10 reload r1 -> spawn #3 g3              | #3g3:starting
    12 ready #3  -> rolledOut g3 in 2ms, reply r1 g3 done | #3g3:ready
  `,
    waiting,
  );
});

test('a command that cannot be run is the end there too', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    2 exited #1 notStarted 127 could not be started -> rolledBack g1: #1 starting exited notStarted 127 could not be started, shutdownBegun: #1 starting exited notStarted 127 could not be started, shutdownDone: #1 starting exited notStarted 127 could not be started, closeSockets, exit 127 | none
  `,
    waiting,
  );
});

test('who waits for a first generation hears that it failed', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 reload r1  -> -                        | #1g1:starting
    2 exited #1  -> rolledBack g1: #1 starting exited, spawn #2 g2 | #2g2:starting
    3 scale 2 r2 -> spawn #3 g2 slot 2       | #2g2:starting #3g2:starting
    4 exited #2  -> rolledBack g2: #2 starting exited, reply r1 g2 failed: #2 starting exited, retire #3, reply r2 refused: nothingServes | #3g2:draining
    5 scale 1 r3 -> reply r3 refused: nothingServes | #3g2:draining
    6 stop r4    -> shutdownBegun: requested, closeSockets | #3g2:draining
    7 exited #3  -> shutdownDone: requested, reply r4 done, exit 0 | none
  `,
    waiting,
  );
});

test('a change during the first start begins anew, where that may be waited for', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 filesChanged a.js -> rolloutAbandoned g1, retire #1, spawn #2 g2 | #1g1:draining #2g2:starting
    2 ready #2   -> rolledOut g2 in 1ms      | #1g1:draining #2g2:ready
  `,
    waiting,
  );
});

test('stop is the last word', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 stop       -> shutdownBegun: requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g2:draining
    4 filesChanged b.js -> -                        | #1g1:draining #2g2:draining
  `);
});

test('a worker of the serving generation that crashes meanwhile is replaced as ever', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #1  -> workerCrashed #1 exited, spawn #3 g1 | #2g2:starting #3g1:starting
    4 filesChanged b.js -> rolloutAbandoned g2, retire #2, spawn #4 g3 | #2g2:draining #3g1:starting #4g3:starting
    5 ready #3   -> -                        | #2g2:draining #3g1:ready #4g3:starting
    6 ready #4   -> rolledOut g3 in 2ms, retire #3 | #2g2:draining #3g1:draining #4g3:ready
  `);
});
