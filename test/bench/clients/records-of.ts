// For the tests: records as a load would have made them.
import type { FailureKind } from '../../helpers/load/connection.js';
import { Recorder, type Records } from './records.js';

interface Request {
  readonly due: number;
  readonly late?: number;
  readonly took?: number;
  readonly failure?: FailureKind;
  readonly pid?: number;
}

export function recordsOf(requests: readonly Request[]): Records {
  const recorder = new Recorder();
  for (const { due, late = 0, took = 1, failure = null, pid = failure ? 0 : 7 } of requests) {
    const generation = failure ? 0 : 2;
    recorder.add({ due, sent: due + late, done: due + took, failure, generation, pid });
  }
  return recorder.records();
}
