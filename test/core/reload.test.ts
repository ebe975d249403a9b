// Reloading, told as transcripts.
import { stories } from '../helpers/transcript.js';

stories({
  'the old worker is untouched until the new one is ready': `
    2 reload r1             -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 acceptsConnections #2 -> -                        | #1g1:ready #2g2:starting
    4 ready #2              -> rolledOut g2 durationMs=2, reply r1 done g2, retire #1 | #1g1:draining #2g2:ready
    5 drained #1            -> signal #1                | #1g1:draining #2g2:ready
    6 exited #1             -> -                        | #2g2:ready
  `,
  'both generations accept for the overlap before the old one is retired': `
    with size=2 overlap=5
    3 reload r1 -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    4 ready #3  -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:starting
    5 ready #4  -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:ready
    9 clock     -> -                        | #1g1:ready #2g1:ready #3g2:ready #4g2:ready
    10 clock    -> rolledOut g2 durationMs=7, reply r1 done g2, retire #1, retire #2 | #1g1:draining #2g1:draining #3g2:ready #4g2:ready
  `,
  'a new worker that dies during the overlap is rolled back, and the old worker keeps serving': `
    with overlap=5
    2 reload r1 -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2  -> -                        | #1g1:ready #2g2:ready
    4 exited #2 -> rolledBack g2 #2 exited, reply r1 failed #2 exited g2 | #1g1:ready
  `,
  'a new generation does not wait for the overlap when nobody is left to take over from': `
    with overlap=5
    2 reload r1 -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 ready #2  -> -                        | #1g1:ready #2g2:ready
    4 exited #1 -> workerCrashed #1 exited, rolledOut g2 durationMs=2, reply r1 done g2 | #2g2:ready
  `,
  'reloads during a rollout make exactly one more, for all who asked meanwhile': `
    2 reload r1 -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r2 -> -                        | #1g1:ready #2g2:starting
    4 reload    -> -                        | #1g1:ready #2g2:starting
    5 reload r3 -> -                        | #1g1:ready #2g2:starting
    6 ready #2  -> rolledOut g2 durationMs=4, reply r1 done g2, retire #1, spawn #3 g3 | #1g1:draining #2g2:ready #3g3:starting
    7 exited #1 -> -                        | #2g2:ready #3g3:starting
    8 ready #3  -> rolledOut g3 durationMs=2, reply r2 done g3, reply r3 done g3, retire #2 | #2g2:draining #3g3:ready
    9 exited #2 -> -                        | #3g3:ready
  `,
  'a request during a rollout that fails gets the outcome of the next rollout': `
    2 reload r1 -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 reload r2 -> -                        | #1g1:ready #2g2:starting
    4 exited #2 -> rolledBack g2 #2 starting exited, reply r1 failed #2 starting exited g2, spawn #3 g3 | #1g1:ready #3g3:starting
    5 ready #3  -> rolledOut g3 durationMs=1, reply r2 done g3, retire #1 | #1g1:draining #3g3:ready
  `,
  'reloads during the start make one more rollout': `
    0 clock     -> spawn #1 g1              | #1g1:starting
    1 reload r1 -> -                        | #1g1:starting
    2 reload r2 -> -                        | #1g1:starting
    3 ready #1  -> rolledOut g1 durationMs=3, spawn #2 g2 | #1g1:ready #2g2:starting
    4 ready #2  -> rolledOut g2 durationMs=1, reply r1 done g2, reply r2 done g2, retire #1 | #1g1:draining #2g2:ready
  `,
  'a reload before the first worker is spawned is the start': `
    0 reload r1 -> spawn #1 g1              | #1g1:starting
    1 ready #1  -> rolledOut g1 durationMs=1, reply r1 done g1 | #1g1:ready
  `,
  'a reload fails when the new worker exits before it is ready, with whatever status': `
    2 reload r1                -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2 ending=0       -> rolledBack g2 #2 starting exited ending=0, reply r1 failed #2 starting exited ending=0 g2 | #1g1:ready
    4 reload r2                -> spawn #3 g3              | #1g1:ready #3g3:starting
    6 exited #3 ending=SIGSEGV -> rolledBack g3 #3 starting exited ending=SIGSEGV, reply r2 failed #3 starting exited ending=SIGSEGV g3 | #1g1:ready
  `,
  'a reload fails when the new worker is not ready in time, and the reason carries the note': `
    2 reload r1                          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 startProblem #2 problem=wrong%20port -> -                        | #1g1:ready #2g2:starting
    101 clock                            -> -                        | #1g1:ready #2g2:starting
    102 clock                            -> rolledBack g2 #2 starting startTimeout after=100 problem=wrong%20port, kill #2, reply r1 failed #2 starting startTimeout after=100 problem=wrong%20port g2 | #1g1:ready #2g2:killing
    103 exited #2                        -> -                        | #1g1:ready
    110 reload r2                        -> spawn #3 g3              | #1g1:ready #3g3:starting
    120 startProblem #3 problem=slow     -> -                        | #1g1:ready #3g3:starting
    130 startProblem #3 problem=null     -> -                        | #1g1:ready #3g3:starting
    210 clock                            -> rolledBack g3 #3 starting startTimeout after=100 problem=null, kill #3, reply r2 failed #3 starting startTimeout after=100 problem=null g3 | #1g1:ready #3g3:killing
  `,
  'a reload fails when the new worker cannot serve, and that worker cannot become ready any more': `
    2 reload r1                          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 cannotServe #2 problem=never%20listened%20on%20%3A80 -> rolledBack g2 #2 starting cannotServe problem=never%20listened%20on%20%3A80, kill #2, reply r1 failed #2 starting cannotServe problem=never%20listened%20on%20%3A80 g2 | #1g1:ready #2g2:killing
    4 ready #2                           -> -                        | #1g1:ready #2g2:killing
    5 exited #2                          -> -                        | #1g1:ready
  `,
  'siblings of a worker that failed may hold connections by now, and are drained': `
    with size=4
    2 reload r1             -> spawn #5 g2, spawn #6 slot=2 g2, spawn #7 slot=3 g2, spawn #8 slot=4 g2 | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:starting #6g2:starting #7g2:starting #8g2:starting
    3 ready #5              -> -                        | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:ready #6g2:starting #7g2:starting #8g2:starting
    4 acceptsConnections #6 -> -                        | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:ready #6g2:starting #7g2:starting #8g2:starting
    5 exited #7             -> rolledBack g2 #7 starting exited, reply r1 failed #7 starting exited g2, retire #5, retire #6, retire #8 | #1g1:ready #2g1:ready #3g1:ready #4g1:ready #5g2:draining #6g2:draining #8g2:draining
  `,
  'the exception that ended a worker is part of the reason': `
    2 reload r1                          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 exited #2 exception=Error%3A%20no%20such%20table -> rolledBack g2 #2 starting exited exception=Error%3A%20no%20such%20table, reply r1 failed #2 starting exited exception=Error%3A%20no%20such%20table g2 | #1g1:ready
  `,
  'of several failures the first is the reason': `
    with size=2
    2 reload r1                      -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 startProblem #3 problem=slow   -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    4 startProblem #4 problem=slower -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    102 clock                        -> rolledBack g2 #3 starting startTimeout after=100 problem=slow, kill #3, kill #4, reply r1 failed #3 starting startTimeout after=100 problem=slow g2 | #1g1:ready #2g1:ready #3g2:killing #4g2:killing
  `,
  'a reload that does not wait is accepted, or refused, at once': `
    2 reload r1 wait=false -> reply r1 accepted g1, spawn #2 g2 | #1g1:ready #2g2:starting
    3 reload r2 wait=false -> reply r2 accepted g1     | #1g1:ready #2g2:starting
    4 stop                 -> shutdownBegun requested, closeSockets, retire #1, retire #2 | #1g1:draining #2g2:draining
    5 reload r3 wait=false -> reply r3 refused stopping requested g1 | #1g1:draining #2g2:draining
    6 exited #1            -> -                        | #2g2:draining
    7 exited #2            -> shutdownDone requested, exit status=0 | none
    8 reload r4 wait=false -> reply r4 refused stopped g1 | none
  `,
});
