// Stopping, draining and killing, told as transcripts: one story a test.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('a stop: retired, idle, signalled, gone', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop r1    -> shutdownBegun: requested, closeSockets, retire #1 | #1g1:draining
    3 drained #1 -> signal #1                | #1g1:draining
    4 exited #1  -> shutdownDone: requested, reply r1 g1 done, exit 0 | none
    `,
  );
});

test('a stop ends when the last worker is gone, whatever their status', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    1 ready #2   -> rolledOut g1 in 1ms      | #1g1:ready #2g1:ready
    2 stop       -> shutdownBegun: requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g1:draining
    3 exited #2 0 -> -                        | #1g1:draining
    4 drained #1 -> signal #1                | #1g1:draining
    5 exited #1 139 -> shutdownDone: requested, exit 0 | none
    `,
    { size: 2 },
  );
});

test('a stop during a reload answers all who wait and retires both generations', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload r1  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r2  -> -                        | #1g1:ready #2g2:starting
    4 scale 2 r3 -> spawn #3 g2 slot 2, spawn #4 g1 slot 2 | #1g1:ready #2g2:starting #3g2:starting #4g1:starting
    5 stop r4    -> shutdownBegun: requested, closeSockets, reply r1 g1 cancelled: requested, reply r3 g1 cancelled: requested, reply r2 g1 refused: stopping, requested, retire #1, retire #2, retire #3, retire #4 | #1g1:draining #2g2:draining #3g2:draining #4g1:draining
    6 exited #2  -> -                        | #1g1:draining #3g2:draining #4g1:draining
    7 ready #3   -> -                        | #1g1:draining #3g2:draining #4g1:draining
    8 exited #3  -> -                        | #1g1:draining #4g1:draining
    9 exited #1  -> -                        | #4g1:draining
    10 exited #4 -> shutdownDone: requested, reply r4 g1 done, exit 0 | none
    `,
  );
});

test('a stop during the start', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 reload r1  -> -                        | #1g1:starting
    2 stop r2    -> shutdownBegun: requested, closeSockets, reply r1 refused: stopping, requested, retire #1 | #1g1:draining
    3 ready #1   -> -                        | #1g1:draining
    4 drained #1 -> signal #1                | #1g1:draining
    5 exited #1  -> shutdownDone: requested, reply r2 done, exit 0 | none
    `,
  );
});

test('a stop before anything was spawned', () => {
  tells(
    `
    0 stop r1    -> shutdownBegun: requested, shutdownDone: requested, closeSockets, reply r1 done, exit 0 | none
    1 clock      -> -                        | none
    `,
  );
});

test('a second stop by signal kills at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 stop       -> shutdownBegun: requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g2:draining
    4 stop       -> kill #1, kill #2         | #1g1:killing #2g2:killing
    5 exited #1  -> -                        | #2g2:killing
    6 exited #2  -> shutdownDone: requested, exit 0 | none
    `,
  );
});

test('a second stop by request waits for the same end, unless it says now', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop r1    -> shutdownBegun: requested, closeSockets, retire #1 | #1g1:draining
    3 stop r2    -> -                        | #1g1:draining
    4 stop now r3 -> kill #1                  | #1g1:killing
    5 stop now   -> -                        | #1g1:killing
    6 exited #1  -> shutdownDone: requested, reply r1 g1 done, reply r2 g1 done, reply r3 g1 done, exit 0 | none
    `,
  );
});

test('a first stop that says now kills at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 stop now r1 -> shutdownBegun: requested, closeSockets, kill #1, kill #2 | #1g1:killing #2g2:killing
    4 exited #1  -> -                        | #2g2:killing
    5 exited #2  -> shutdownDone: requested, reply r1 g1 done, exit 0 | none
    `,
  );
});

test('the first signal after a stop by request is no second signal', () => {
  // `ExecStop=` may ask and return; systemd then sends its one SIGTERM.
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop r1    -> shutdownBegun: requested, closeSockets, retire #1 | #1g1:draining
    3 stop       -> -                        | #1g1:draining
    4 stop       -> kill #1                  | #1g1:killing
    `,
  );
});

test('the first signal after a failed start is no second signal', () => {
  tells(
    `
    0 clock      -> spawn #1 g1, spawn #2 g1 slot 2 | #1g1:starting #2g1:starting
    1 ready #1   -> -                        | #1g1:ready #2g1:starting
    2 exited #2  -> rolledBack g1: #2 starting exited, shutdownBegun: #2 starting exited, closeSockets, retire #1 | #1g1:draining
    3 stop       -> -                        | #1g1:draining
    4 stop       -> kill #1                  | #1g1:killing
    `,
    { size: 2 },
  );
});

test('nothing is begun after a stop, and whoever asks is told so', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop       -> shutdownBegun: requested, closeSockets, retire #1 | #1g1:draining
    3 reload r1  -> reply r1 g1 refused: stopping, requested | #1g1:draining
    4 scale 2 r2 -> reply r2 g1 refused: stopping, requested | #1g1:draining
    5 scaleBy +1 -> -                        | #1g1:draining
    6 exited #1  -> shutdownDone: requested, exit 0 | none
    7 reload r3  -> reply r3 g1 refused: stopped | none
    8 scale 2 r4 -> reply r4 g1 refused: stopped | none
    9 stop r5    -> reply r5 g1 refused: stopped | none
    10 stop      -> -                        | none
    11 clock     -> -                        | none
    12 ready #1  -> -                        | none
    13 exited #1 -> -                        | none
    `,
  );
});

test('drain deadline, stop signal, kill deadline, and kill until it is gone', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    0 spawned #1 71 -> -                        | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    52 clock     -> -                        | #1g1:draining #2g2:ready
    53 clock     -> drainTimedOut #1, signal #1 | #1g1:draining #2g2:ready
    72 clock     -> -                        | #1g1:draining #2g2:ready
    73 clock     -> killTimedOut #1, kill #1 | #1g1:killing #2g2:ready
    82 clock     -> -                        | #1g1:killing #2g2:ready
    83 clock     -> kill #1                  | #1g1:killing #2g2:ready
    93 clock     -> kill #1                  | #1g1:killing #2g2:ready
    94 exited #1 -> -                        | #2g2:ready
    `,
  );
});

test('an idle worker gets the stop signal once, and keeps what is left of its drain time', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    10 drained #1 -> signal #1                | #1g1:draining #2g2:ready
    11 drained #1 -> -                        | #1g1:draining #2g2:ready
    53 clock     -> -                        | #1g1:draining #2g2:ready
    72 clock     -> -                        | #1g1:draining #2g2:ready
    73 clock     -> killTimedOut #1, kill #1 | #1g1:killing #2g2:ready
    74 drained #1 -> -                        | #1g1:killing #2g2:ready
    75 exited #1 -> -                        | #2g2:ready
    `,
  );
});

test('a clock that comes late skips no step of the way out', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop       -> shutdownBegun: requested, closeSockets, retire #1 | #1g1:draining
    1000 clock   -> drainTimedOut #1, signal #1 | #1g1:draining
    1019 clock   -> -                        | #1g1:draining
    1020 clock   -> killTimedOut #1, kill #1 | #1g1:killing
    1021 drained #1 -> -                        | #1g1:killing
    2000 clock   -> kill #1                  | #1g1:killing
    2001 exited #1 -> shutdownDone: requested, exit 0 | none
    `,
  );
});
