// Workers that hang, ask for time, or stop by themselves, told as transcripts.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('a worker that hangs is killed and replaced at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    0 alive #1   -> -                        | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    30 clock     -> -                        | #1g1:ready
    31 clock     -> crashed #1: worker 1 of generation 1 gave no sign of life for 30ms, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    32 exited #1 was killed -> -                        | #2g1:starting
    33 ready #2  -> -                        | #2g1:ready
    `,
    { policy: { watchdog: 30 } },
  );
});

test('a worker that feeds its watchdog lives', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    20 alive #1  -> -                        | #1g1:ready
    49 clock     -> -                        | #1g1:ready
    50 clock     -> crashed #1: worker 1 of generation 1 gave no sign of life for 30ms, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    `,
    { policy: { watchdog: 30 } },
  );
});

test('one that never fed its watchdog is told how', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    31 clock     -> crashed #1: worker 1 of generation 1 gave no sign of life for 30ms, nor ever before: WATCHDOG=1 to $NOTIFY_SOCKET is one, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    `,
    { policy: { watchdog: 30 } },
  );
});

test('the watchdog begins when a worker is ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    5 alive #1   -> -                        | #1g1:starting
    50 ready #1  -> rolledOut g1 in 50ms     | #1g1:ready
    79 clock     -> -                        | #1g1:ready
    `,
    { policy: { watchdog: 30 } },
  );
});

test('one of the new generation that hangs fails its roll out', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 alive #3   -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    20 alive #1  -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    20 alive #2  -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    33 clock     -> kill #3, rolledBack g2: worker 1 of generation 2 gave no sign of life for 30ms, reply r1 no g2: same, retire #4 | #1g1:ready #2g1:ready #3g2:killing #4g2:draining
    `,
    { size: 2, policy: { watchdog: 30 } },
  );
});

test('nobody watches a worker that drains', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    32 alive #2  -> -                        | #1g1:draining #2g2:ready
    34 clock     -> -                        | #1g1:draining #2g2:ready
    `,
    { policy: { watchdog: 30 } },
  );
});

test('a worker that asks for more time to start gets it, counted from when it asks', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    90 extended #1 60 -> -                        | #1g1:starting
    100 clock    -> -                        | #1g1:starting
    149 clock    -> -                        | #1g1:starting
    150 clock    -> kill #1, rolledBack g1: worker 1 of generation 1 was not ready within 150ms, stopping: same | #1g1:killing
    `,
  );
});

test('but not more than the ceiling', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    90 extended #1 900 -> -                        | #1g1:starting
    299 clock    -> -                        | #1g1:starting
    300 clock    -> kill #1, rolledBack g1: worker 1 of generation 1 was not ready within 300ms, stopping: same | #1g1:killing
    `,
  );
});

test('and never less than it had', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    10 extended #1 20 -> -                        | #1g1:starting
    99 clock     -> -                        | #1g1:starting
    100 clock    -> kill #1, rolledBack g1: worker 1 of generation 1 was not ready within 100ms, stopping: same | #1g1:killing
    `,
  );
});

test('a worker that stops by itself is replaced, and no crash; if it does so again, not at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 leaving #1 -> retire #1, spawn #2 g1   | #1g1:draining #2g1:starting
    3 ready #2   -> -                        | #1g1:draining #2g1:ready
    4 exited #1  -> -                        | #2g1:ready
    5 leaving #2 -> retire #2                | #2g1:draining
    14 clock     -> -                        | #2g1:draining
    15 clock     -> spawn #3 g1              | #2g1:draining #3g1:starting
    `,
  );
});

test('one that stops before it was ready has failed', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 leaving #2 -> kill #2, rolledBack g2: worker 1 of generation 2 stopped before it was ready, reply r1 no g2: same | #1g1:ready #2g2:killing
    4 exited #2  -> -                        | #1g1:ready
    `,
  );
});

test('one that stops before its generation serves fails it', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 reload r1  -> spawn #3 g2, spawn #4 g2 slot 2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    4 leaving #3 -> retire #3, rolledBack g2: worker 1 of generation 2 stopped by itself, reply r1 no g2: same, retire #4 | #1g1:ready #2g1:ready #3g2:draining #4g2:draining
    `,
    { size: 2 },
  );
});

test('a signal that was meant for the master: who was not ready to ignore it is spawned once more', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2 stray was killed by SIGHUP -> spawn #3 g2              | #1g1:ready #3g2:starting
    4 ready #3   -> rolledOut g2 in 2ms, reply r1 ok g2, retire #1 | #1g1:draining #3g2:ready
    5 exited #3 stray was killed by SIGHUP -> crashed #3: worker 1 of generation 2 was killed by SIGHUP, spawn #4 g2 | #1g1:draining #4g2:starting
    `,
  );
});

test('a worker that drains may say that it stops', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    4 leaving #1 -> -                        | #1g1:draining #2g2:ready
    `,
  );
});
