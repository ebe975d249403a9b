// Workers that hang, ask for time, or stop by themselves, told as transcripts.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('a worker that hangs is killed and replaced at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    0 watchdogPing #1 -> -                        | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    30 clock     -> -                        | #1g1:ready
    31 clock     -> workerCrashed #1 hung 30ms, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    32 exited #1 NaN -> -                        | #2g1:starting
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
    20 watchdogPing #1 -> -                        | #1g1:ready
    49 clock     -> -                        | #1g1:ready
    50 clock     -> workerCrashed #1 hung 30ms, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    `,
    { policy: { watchdog: 30 } },
  );
});

test('one that never fed its watchdog is told how', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    31 clock     -> workerCrashed #1 hung 30ms, never pinged, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    `,
    { policy: { watchdog: 30 } },
  );
});

test('the watchdog begins when a worker is ready', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    5 watchdogPing #1 -> -                        | #1g1:starting
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
    3 watchdogPing #3 -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3   -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    20 watchdogPing #1 -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    20 watchdogPing #2 -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    33 clock     -> rolledBack g2: #3 hung 30ms, kill #3, reply r1 g2 failed: #3 hung 30ms, retire #4 | #1g1:ready #2g1:ready #3g2:killing #4g2:draining
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
    32 watchdogPing #2 -> -                        | #1g1:draining #2g2:ready
    34 clock     -> -                        | #1g1:draining #2g2:ready
    `,
    { policy: { watchdog: 30 } },
  );
});

test('a worker that asks for more time to start gets it, counted from when it asks', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    90 startTimeExtended #1 60 -> -                        | #1g1:starting
    100 clock    -> -                        | #1g1:starting
    149 clock    -> -                        | #1g1:starting
    150 clock    -> rolledBack g1: #1 startTimeout 150ms, shutdownBegun: #1 startTimeout 150ms, closeSockets, kill #1 | #1g1:killing
    `,
  );
});

test('but not more than the ceiling', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    90 startTimeExtended #1 900 -> -                        | #1g1:starting
    299 clock    -> -                        | #1g1:starting
    300 clock    -> rolledBack g1: #1 startTimeout 300ms, shutdownBegun: #1 startTimeout 300ms, closeSockets, kill #1 | #1g1:killing
    `,
  );
});

test('and never less than it had', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    10 startTimeExtended #1 20 -> -                        | #1g1:starting
    99 clock     -> -                        | #1g1:starting
    100 clock    -> rolledBack g1: #1 startTimeout 100ms, shutdownBegun: #1 startTimeout 100ms, closeSockets, kill #1 | #1g1:killing
    `,
  );
});

test('a worker that stops by itself is replaced, and no crash; if it does so again, not at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 wantsReplacement #1 stopping -> replacing #1: stopping, spawn #2 g1 | #1g1:ready leaving #2g1:starting
    3 ready #2   -> retire #1                | #1g1:draining #2g1:ready
    4 exited #1  -> -                        | #2g1:ready
    5 wantsReplacement #2 stopping -> replacing #2: stopping   | #2g1:ready leaving
    14 clock     -> -                        | #2g1:ready leaving
    15 clock     -> spawn #3 g1              | #2g1:ready leaving #3g1:starting
    `,
  );
});

test('one that stops before it was ready has failed', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 wantsReplacement #2 stopping -> rolledBack g2: #2 starting stoppedItself, kill #2, reply r1 g2 failed: #2 starting stoppedItself | #1g1:ready #2g2:killing
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
    4 wantsReplacement #3 stopping -> rolledBack g2: #3 stoppedItself, retire #3, reply r1 g2 failed: #3 stoppedItself, retire #4 | #1g1:ready #2g1:ready #3g2:draining #4g2:draining
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
    3 exited #2 SIGHUP stray -> spawn #3 g2              | #1g1:ready #3g2:starting
    4 ready #3   -> rolledOut g2 in 2ms, reply r1 g2 done, retire #1 | #1g1:draining #3g2:ready
    5 exited #3 SIGHUP stray -> workerCrashed #3 exited SIGHUP, spawn #4 g2 | #1g1:draining #4g2:starting
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
    4 wantsReplacement #1 stopping -> -                        | #1g1:draining #2g2:ready
    `,
  );
});
