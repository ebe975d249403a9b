// Workers that hang, told as transcripts.
import { stories } from '../helpers/transcript.js';

stories({
  'a worker that hangs is killed and replaced at once': `
    with watchdog=30
    0 clock                     -> spawn #1 g1              | #1g1:starting
    0 watchdogPing #1           -> -                        | #1g1:starting
    1 ready #1                  -> rolledOut g1 durationMs=1 | #1g1:ready
    30 clock                    -> -                        | #1g1:ready
    31 clock                    -> workerCrashed #1 hung after=30 watchdogSeen=true, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
    32 exited #1 ending=SIGKILL -> -                        | #2g1:starting
    33 ready #2                 -> -                        | #2g1:ready
  `,
  'a worker that pings its watchdog lives until it stops to ping': `
    with watchdog=30
    20 watchdogPing #1 -> -                        | #1g1:ready
    49 clock           -> -                        | #1g1:ready
    50 clock           -> workerCrashed #1 hung after=30 watchdogSeen=true, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
  `,
  'the failure of a worker that never pinged its watchdog says so': `
    with watchdog=30
    31 clock -> workerCrashed #1 hung after=30 watchdogSeen=false, kill #1, spawn #2 g1 | #1g1:killing #2g1:starting
  `,
  'a worker of a new generation that hangs fails its rollout': `
    with size=2 watchdog=30
    2 reload r1        -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 watchdogPing #3  -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #3         -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    20 watchdogPing #1 -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    20 watchdogPing #2 -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    33 clock           -> rolledBack g2 #3 hung after=30 watchdogSeen=true, kill #3, reply r1 failed #3 hung after=30 watchdogSeen=true g2, retire #4 | #1g1:ready #2g1:ready #3g2:killing #4g2:draining
  `,
  'a worker that drains is not watched': `
    with watchdog=30
    2 reload           -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2         -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
    32 watchdogPing #2 -> -                        | #1g1:draining #2g2:ready
    34 clock           -> -                        | #1g1:draining #2g2:ready
  `,
});
