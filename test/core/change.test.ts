// Files that change: what they begin, what they put an end to, and what they repair. Told as transcripts.
import { stories } from '../helpers/transcript.js';

stories({
  'a change is a reload that nobody waits for': `
    2 filesChanged files=a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2                -> rolledOut g2 durationMs=1, retire #1 | #1g1:draining #2g2:ready
  `,
  'a newer change puts an end to what an older one began': `
    2 filesChanged files=a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    5 filesChanged files=a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    6 ready #2                -> -                        | #1g1:ready #2g2:draining #3g3:starting
    7 drained #2              -> signal #2                | #1g1:ready #2g2:draining #3g3:starting
    8 ready #3                -> rolledOut g3 durationMs=3, retire #1 | #1g1:draining #2g2:draining #3g3:ready
  `,
  'a reload that a request asked for is finished, and exactly one more follows for all changes meanwhile': `
    2 reload r1               -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 filesChanged files=a.js -> -                        | #1g1:ready #2g2:starting
    4 filesChanged files=b.js -> -                        | #1g1:ready #2g2:starting
    5 ready #2                -> rolledOut g2 durationMs=3, reply r1 done g2, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
    6 ready #3                -> rolledOut g3 durationMs=1, retire #2 | #1g1:draining #2g2:draining #3g3:ready
  `,
  'a reload that a signal asked for is finished too, and one more follows for the change meanwhile': `
    2 reload                  -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 filesChanged files=a.js -> -                        | #1g1:ready #2g2:starting
    4 ready #2                -> rolledOut g2 durationMs=2, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
  `,
  'a request during the rollout of a change gets the outcome of the next rollout, even if a change begins it': `
    2 filesChanged files=a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r1               -> -                        | #1g1:ready #2g2:starting
    4 filesChanged files=b.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    5 filesChanged files=c.js -> -                        | #1g1:ready #2g2:draining #3g3:starting
    6 ready #3                -> rolledOut g3 durationMs=2, reply r1 done g3, retire #1, spawn #4 g4 | #1g1:draining #2g2:draining #3g3:ready #4g4:starting
  `,
  'changes that come faster than the app starts do not put off a rollout for ever': `
    with maxAbandonTime=12
    2 filesChanged files=a.js  -> spawn #2 g2              | #1g1:ready #2g2:starting
    8 filesChanged files=a.js  -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    15 filesChanged files=a.js -> rolloutAbandoned g3, retire #3, spawn #4 g4 | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
    20 filesChanged files=a.js -> -                        | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
    24 ready #4                -> rolledOut g4 durationMs=9, retire #1, spawn #5 g5 | #1g1:draining #2g2:draining #3g3:draining #4g4:ready #5g5:starting
    26 filesChanged files=a.js -> rolloutAbandoned g5, retire #5, spawn #6 g6 | #1g1:draining #2g2:draining #3g3:draining #4g4:ready #5g5:draining #6g6:starting
  `,
  'a rollout that hangs at its start is abandoned, however long it has been hanging': `
    with maxAbandonTime=12
    2 filesChanged files=a.js  -> spawn #2 g2              | #1g1:ready #2g2:starting
    60 filesChanged files=a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
  `,
  'a rollout that got its full time because of others before it can be abandoned after that': `
    with maxAbandonTime=12
    2 filesChanged files=a.js  -> spawn #2 g2              | #1g1:ready #2g2:starting
    14 filesChanged files=a.js -> rolloutAbandoned g2, retire #2, spawn #3 g3 | #1g1:ready #2g2:draining #3g3:starting
    15 filesChanged files=a.js -> -                        | #1g1:ready #2g2:draining #3g3:starting
    26 clock                   -> rolloutAbandoned g3, retire #3, spawn #4 g4 | #1g1:ready #2g2:draining #3g3:draining #4g4:starting
  `,
  'a generation that is all ready serves first, however new the change': `
    with overlap=10
    2 filesChanged files=a.js -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2                -> -                        | #1g1:ready #2g2:ready
    5 filesChanged files=b.js -> -                        | #1g1:ready #2g2:ready
    13 clock                  -> rolledOut g2 durationMs=11, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
  `,
  'a first generation that fails ends the master, even if a file has changed meanwhile': `
    0 clock                   -> spawn #1 g1              | #1g1:starting
    1 filesChanged files=a.js -> -                        | #1g1:starting
    2 exited #1               -> rolledBack g1 #1 starting exited, shutdownBegun firstStartFailed #1 starting exited, shutdownDone firstStartFailed #1 starting exited, closeSockets, exit status=1 | none
  `,
  'a first generation that fails does not end a master that waits for changes': `
    with waitForChange=true
    0 clock                   -> spawn #1 g1              | #1g1:starting
    2 exited #1               -> rolledBack g1 #1 starting exited | none
    3 clock                   -> -                        | none
    8 filesChanged files=a.js -> spawn #2 g2              | #2g2:starting
    9 exited #2               -> rolledBack g2 #2 starting exited | none
    10 reload r1              -> spawn #3 g3              | #3g3:starting
    12 ready #3               -> rolledOut g3 durationMs=2, reply r1 done g3 | #3g3:ready
  `,
  'a command that cannot be run ends a master that waits for changes, too': `
    with waitForChange=true
    0 clock                              -> spawn #1 g1              | #1g1:starting
    2 exited #1 ending=notStarted,127,could%20not%20be%20started -> rolledBack g1 #1 starting exited ending=notStarted,127,could%20not%20be%20started, shutdownBegun firstStartFailed #1 starting exited ending=notStarted,127,could%20not%20be%20started, shutdownDone firstStartFailed #1 starting exited ending=notStarted,127,could%20not%20be%20started, closeSockets, exit status=127 | none
  `,
  'requests that wait for a first generation hear that it failed': `
    with waitForChange=true
    0 clock              -> spawn #1 g1              | #1g1:starting
    1 reload r1          -> -                        | #1g1:starting
    2 exited #1          -> rolledBack g1 #1 starting exited, spawn #2 g2 | #2g2:starting
    3 scale workers=2 r2 -> spawn #3 slot=2 g2       | #2g2:starting #3g2:starting
    4 exited #2          -> rolledBack g2 #2 starting exited, reply r1 failed #2 starting exited g2, retire #3, reply r2 accepted generation=null | #3g2:draining
    5 scale workers=1 r3 -> reply r3 accepted generation=null | #3g2:draining
    6 stop r4            -> shutdownBegun requested, closeSockets | #3g2:draining
    7 exited #3          -> shutdownDone requested, reply r4 done generation=null, exit status=0 | none
  `,
  'a change during the first start abandons it if the master waits for changes': `
    with waitForChange=true
    0 clock                   -> spawn #1 g1              | #1g1:starting
    1 filesChanged files=a.js -> rolloutAbandoned g1, retire #1, spawn #2 g2 | #1g1:draining #2g2:starting
    2 ready #2                -> rolledOut g2 durationMs=1 | #1g1:draining #2g2:ready
  `,
});
