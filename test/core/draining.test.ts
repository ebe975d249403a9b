// Old generations have a limit, and lost reports are made good. Told as transcripts.
import { test } from 'node:test';
import { tells } from '../helpers/transcript.js';

test('more old generations than allowed: the oldest gets its stop signal early, and its kill timeout', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    4 reload     -> spawn #3 g3              | #1g1:draining #2g2:ready #3g3:starting
    5 ready #3   -> rolledOut g3 in 1ms, retire #2 | #1g1:draining #2g2:draining #3g3:ready
    6 reload     -> spawn #4 g4              | #1g1:draining #2g2:draining #3g3:ready #4g4:starting
    7 ready #4   -> rolledOut g4 in 1ms, drainCutShort g1, retire #3, signal #1 | #1g1:draining #2g2:draining #3g3:draining #4g4:ready
    26 clock     -> -                        | #1g1:draining #2g2:draining #3g3:draining #4g4:ready
    27 exited #1 SIGKILL -> -                        | #2g2:draining #3g3:draining #4g4:ready
  `,
    { policy: { maxDraining: 2 } },
  );
});

test('abandoned generations count as well', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 filesChanged a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 filesChanged a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    4 filesChanged a.js -> rolloutAbandoned g3, drainCutShort g2, retire #3, signal #2, spawn #4 g4 | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
  `,
    { policy: { maxDraining: 1 } },
  );
});

test('in a shutdown all generations drain, as long as they may', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 reload     -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2   -> rolledOut g2 in 1ms, retire #1 | #1g1:draining #2g2:ready
    4 stop       -> shutdownBegun: requested, closeSockets, retire #2 | #1g1:draining #2g2:draining
    53 clock     -> drainTimedOut #1, signal #1 | #1g1:draining #2g2:draining
  `,
    { policy: { maxDraining: 1 } },
  );
});

test('an exit whose report was lost is reported by the kill, and a stop ends', () => {
  tells(`
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop r1    -> shutdownBegun: requested, closeSockets, retire #1 | #1g1:draining
    52 clock     -> drainTimedOut #1, signal #1 | #1g1:draining
    72 clock     -> killTimedOut #1, kill #1 | #1g1:killing
    82 clock     -> kill #1                  | #1g1:killing
    82 exited #1 SIGKILL -> shutdownDone: requested, reply r1 g1 done, exit 0 | none
  `);
});

test('without a drain time and a kill time a worker is killed at once', () => {
  tells(
    `
    0 clock      -> spawn #1 g1              | #1g1:starting
    1 ready #1   -> rolledOut g1 in 1ms      | #1g1:ready
    2 stop       -> shutdownBegun: requested, drainTimedOut #1, killTimedOut #1, closeSockets, retire #1, signal #1, kill #1 | #1g1:killing
  `,
    { policy: { drainTimeout: 0, killTimeout: 0 } },
  );
});
