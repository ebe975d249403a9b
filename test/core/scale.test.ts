// Scaling, told as transcripts.
import { stories } from '../helpers/transcript.js';

stories({
  'scaling is answered when as many workers are ready as were asked for': `
    2 scale workers=3 r1 -> spawn #2 slot=2 g1, spawn #3 slot=3 g1 | #1g1:ready #2g1:starting #3g1:starting
    3 ready #3           -> -                        | #1g1:ready #2g1:starting #3g1:ready
    4 ready #2           -> reply r1 done g1         | #1g1:ready #2g1:ready #3g1:ready
    5 scale workers=1 r2 -> retire #3, retire #2, reply r2 done g1 | #1g1:ready #2g1:draining #3g1:draining
    6 exited #3          -> -                        | #1g1:ready #2g1:draining
    6 exited #2          -> -                        | #1g1:ready
    7 scale workers=1 r3 -> reply r3 done g1         | #1g1:ready
  `,
  'a difference counts from the number that is wanted, and one worker always stays': `
    2 scaleBy delta=2     -> spawn #2 slot=2 g1, spawn #3 slot=3 g1 | #1g1:ready #2g1:starting #3g1:starting
    3 scaleBy delta=-1    -> retire #3                | #1g1:ready #2g1:starting #3g1:draining
    4 scaleBy delta=-5    -> retire #2                | #1g1:ready #2g1:draining #3g1:draining
    5 scale workers=0 r1  -> reply r1 done g1         | #1g1:ready #2g1:draining #3g1:draining
    6 scale workers=-3 r2 -> reply r2 done g1         | #1g1:ready #2g1:draining #3g1:draining
  `,
  'a starting worker goes before a ready one': `
    with size=2
    3 exited #1          -> workerCrashed #1 exited, spawn #3 g1 | #2g1:ready #3g1:starting
    4 scale workers=1 r1 -> retire #3, reply r1 done g1 | #2g1:ready #3g1:draining
    5 exited #3          -> -                        | #2g1:ready
  `,
  'a starting worker that accepts connections is drained when it is not wanted any more': `
    2 scale workers=2 r1    -> spawn #2 slot=2 g1       | #1g1:ready #2g1:starting
    3 acceptsConnections #2 -> -                        | #1g1:ready #2g1:starting
    4 scale workers=1 r2    -> reply r1 refused superseded workers=1 g1, retire #2, reply r2 done g1 | #1g1:ready #2g1:draining
    5 ready #2              -> -                        | #1g1:ready #2g1:draining
  `,
  'both generations grow during a rollout': `
    2 reload r1          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 scale workers=2 r2 -> spawn #3 slot=2 g2, spawn #4 slot=2 g1 | #1g1:ready #2g2:starting #3g2:starting #4g1:starting
    4 ready #2           -> -                        | #1g1:ready #2g2:ready #3g2:starting #4g1:starting
    5 ready #4           -> reply r2 done g1         | #1g1:ready #2g2:ready #3g2:starting #4g1:ready
    6 ready #3           -> rolledOut g2 durationMs=4, reply r1 done g2, retire #1, retire #4 | #1g1:draining #2g2:ready #3g2:ready #4g1:draining
  `,
  'a rollout that ends first answers a scaling with the new generation': `
    2 reload r1          -> spawn #2 g2              | #1g1:ready #2g2:starting
    3 scale workers=2 r2 -> spawn #3 slot=2 g2, spawn #4 slot=2 g1 | #1g1:ready #2g2:starting #3g2:starting #4g1:starting
    4 ready #2           -> -                        | #1g1:ready #2g2:ready #3g2:starting #4g1:starting
    5 ready #3           -> rolledOut g2 durationMs=3, reply r1 done g2, retire #1, retire #4, reply r2 done g2 | #1g1:draining #2g2:ready #3g2:ready #4g1:draining
  `,
  'scaling down during a rollout leaves as many old workers as are wanted until the new ones are ready': `
    with size=2
    2 reload r1          -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 scale workers=1 r2 -> retire #4, retire #2, reply r2 done g1 | #1g1:ready #2g1:draining #3g2:starting #4g2:draining
    4 ready #3           -> rolledOut g2 durationMs=2, reply r1 done g2, retire #1 | #1g1:draining #2g1:draining #3g2:ready #4g2:draining
    5 exited #4          -> -                        | #1g1:draining #2g1:draining #3g2:ready
  `,
  'scaling down may complete a rollout: the ready worker stays, the starting one goes': `
    with size=2
    2 reload r1          -> spawn #3 g2, spawn #4 slot=2 g2 | #1g1:ready #2g1:ready #3g2:starting #4g2:starting
    3 ready #4           -> -                        | #1g1:ready #2g1:ready #3g2:starting #4g2:ready
    4 scale workers=1 r2 -> rolledOut g2 durationMs=2, reply r1 done g2, retire #1, retire #2, retire #3, reply r2 done g2 | #1g1:draining #2g1:draining #3g2:draining #4g2:ready
    5 exited #3          -> -                        | #1g1:draining #2g1:draining #4g2:ready
  `,
  'scaling down to the number that a crash has left retires nobody': `
    with size=3
    2 exited #1          -> workerCrashed #1 exited, spawn #4 g1 | #2g1:ready #3g1:ready #4g1:starting
    3 exited #4          -> workerCrashed #4 starting exited | #2g1:ready #3g1:ready
    4 scale workers=2 r1 -> reply r1 done g1         | #2g1:ready #3g1:ready
    13 clock             -> -                        | #2g1:ready #3g1:ready
  `,
  'scaling up during a back-off waits for its end': `
    2 exited #1          -> workerCrashed #1 exited, spawn #2 g1 | #2g1:starting
    3 exited #2          -> workerCrashed #2 starting exited | none
    4 scale workers=2 r1 -> -                        | none
    13 clock             -> spawn #3 g1, spawn #4 slot=2 g1 | #3g1:starting #4g1:starting
    14 ready #3          -> -                        | #3g1:ready #4g1:starting
    15 ready #4          -> reply r1 done g1         | #3g1:ready #4g1:ready
  `,
  'a scaling during the start is answered when all are ready, also if one worker starts first': `
    with startFirstWorkerAlone=true
    0 clock              -> spawn #1 g1              | #1g1:starting
    1 scale workers=2 r1 -> -                        | #1g1:starting
    2 ready #1           -> spawn #2 slot=2 g1       | #1g1:ready #2g1:starting
    3 ready #2           -> rolledOut g1 durationMs=3, reply r1 done g1 | #1g1:ready #2g1:ready
  `,
  'a newer scaling refuses the requests that wait for another number': `
    2 scale workers=2 r1 -> spawn #2 slot=2 g1       | #1g1:ready #2g1:starting
    3 scale workers=2 r2 -> -                        | #1g1:ready #2g1:starting
    4 scale workers=3 r3 -> reply r1 refused superseded workers=3 g1, reply r2 refused superseded workers=3 g1, spawn #3 slot=3 g1 | #1g1:ready #2g1:starting #3g1:starting
    5 ready #2           -> -                        | #1g1:ready #2g1:ready #3g1:starting
    6 scaleBy delta=-1   -> reply r3 refused superseded workers=2 g1, retire #3 | #1g1:ready #2g1:ready #3g1:draining
  `,
  'a scaling fails with a worker that fails to start, but the number stays wanted': `
    2 scale workers=2 r1 -> spawn #2 slot=2 g1       | #1g1:ready #2g1:starting
    3 exited #2          -> workerCrashed #2 starting exited, reply r1 failed #2 starting exited g1, spawn #3 slot=2 g1 | #1g1:ready #3g1:starting
    4 ready #3           -> -                        | #1g1:ready #3g1:ready
  `,
  'a ready worker that crashes only delays the answer to a scaling': `
    2 scale workers=2 r1 -> spawn #2 slot=2 g1       | #1g1:ready #2g1:starting
    3 exited #1          -> workerCrashed #1 exited, spawn #3 g1 | #2g1:starting #3g1:starting
    4 ready #2           -> -                        | #2g1:ready #3g1:starting
    5 ready #3           -> reply r1 done g1         | #2g1:ready #3g1:ready
  `,
});
