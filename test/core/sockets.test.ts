// Which sockets the master goes on holding, and when it gives one up. Told as transcripts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedSockets, initialSockets } from '../../src/core/sockets.js';
import { stories } from '../helpers/transcript.js';

stories({
  'a socket that a failed generation opened goes with it, and a served one outlives a crash': `
    2 socketOpened #1 s1 isPrivate=false -> -                        | #1g1:ready
    3 exited #1                          -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    4 reload                             -> spawn #3 g2              | #2g1:starting #3g2:starting
    5 socketOpened #3 s2 isPrivate=false -> -                        | #2g1:starting #3g2:starting
    6 socketUsed #3 s1                   -> -                        | #2g1:starting #3g2:starting
    7 exited #3                          -> rolledBack g2 #3 starting exited, giveUpSocket s2 | #2g1:starting
  `,
  'a socket that a respawned worker opens anew is one of the serving generation': `
    2 exited #1                          -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 socketOpened #2 s1 isPrivate=false -> -                        | #2g1:starting
    4 exited #2                          -> workerCrashed #2 starting exited | none
  `,
  'a socket that a new generation does not use goes with the last worker that did': `
    2 socketOpened #1 s1 isPrivate=false -> -                        | #1g1:ready
    3 socketOpened #1 s2 isPrivate=true  -> -                        | #1g1:ready
    4 reload                             -> spawn #2 g2              | #1g1:ready #2g2:starting
    5 socketUsed #2 s1                   -> -                        | #1g1:ready #2g2:starting
    6 ready #2                           -> rolledOut g2 durationMs=2, retire #1 | #1g1:draining #2g2:ready
    7 socketClosed #1 s1                 -> -                        | #1g1:draining #2g2:ready
    8 socketClosed #1 s2                 -> -                        | #1g1:draining #2g2:ready
    9 exited #1                          -> giveUpSocket s2          | #2g2:ready
  `,
  'a socket is given up when the app closes its last server on it': `
    2 socketOpened #1 s1 isPrivate=false -> -                        | #1g1:ready
    3 socketUsed #1 s1                   -> -                        | #1g1:ready
    4 socketClosed #1 s1                 -> -                        | #1g1:ready
    5 socketClosed #1 s1                 -> giveUpSocket s1          | #1g1:ready
    6 socketClosed #1 s1                 -> -                        | #1g1:ready
  `,
  'a socket that was given is held although the app closes its last server on it': `
    with sockets=[{"id":1,"origin":"given","isPrivate":false}]
    2 socketUsed #1 s1   -> -                        | #1g1:ready
    3 socketClosed #1 s1 -> -                        | #1g1:ready
    4 exited #1          -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
  `,
  'a worker that is gone listens on nothing, even if its report comes later than its exit': `
    2 socketOpened #1 s1 isPrivate=false -> -                        | #1g1:ready
    3 reload                             -> spawn #2 g2              | #1g1:ready #2g2:starting
    4 exited #2                          -> rolledBack g2 #2 starting exited | #1g1:ready
    5 socketUsed #2 s1                   -> -                        | #1g1:ready
    6 socketOpened #2 s2 isPrivate=false -> giveUpSocket s2          | #1g1:ready
    7 socketClosed #1 s1                 -> giveUpSocket s1          | #1g1:ready
  `,
  'sockets of an earlier master wait for a worker, longer than until the first server is ready': `
    with sockets=[{"id":1,"origin":"adopted","isPrivate":false},{"id":2,"origin":"adopted","isPrivate":false}]
    0 clock            -> spawn #1 g1              | #1g1:starting
    1 ready #1         -> rolledOut g1 durationMs=1 | #1g1:ready
    2 socketUsed #1 s1 -> -                        | #1g1:ready
    5000 clock         -> -                        | #1g1:ready
    5001 clock         -> giveUpSocket s2          | #1g1:ready
  `,
});

test('a new worker must listen on given sockets, and on those that the serving generation made public', () => {
  const use = { listeners: [], awaitsClaim: false };
  const uses = [
    { ...use, id: 1, origin: 'given', isPrivate: false, isServed: false },
    { ...use, id: 2, origin: 'inherited', isPrivate: true, isServed: false },
    { ...use, id: 3, origin: 'adopted', isPrivate: false, isServed: true },
    { ...use, id: 4, origin: 'adopted', isPrivate: false, isServed: false },
    // No client knows port 0.
    { ...use, id: 5, origin: 'adopted', isPrivate: true, isServed: true },
  ] as const;
  const expected = expectedSockets({ uses, hasServed: true, claimUntil: null });
  assert.deepEqual(
    expected.map(({ id }) => id),
    [1, 2, 3],
  );
  // Left by an earlier master: a worker may listen on it again, and need not.
  const stored = initialSockets([{ id: 1, origin: 'adopted', isPrivate: false }]);
  assert.deepEqual(expectedSockets(stored), []);
});
