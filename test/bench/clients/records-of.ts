// For the tests: records as a load would have made them.
import type { FailureKind } from '../../helpers/load/connection.js';
import { Recorder, type Records } from './records.js';

interface Request {
  readonly due: number;
  readonly took?: number;
  readonly failure?: FailureKind;
}

export function recordsOf(requests: readonly Request[]): Records {
  const recorder = new Recorder();
  for (const { due, took = 1, failure = null } of requests) {
    const answered = failure === null ? { generation: 2, pid: 7 } : { generation: 0, pid: 0 };
    recorder.add({ due, sent: due, done: due + took, failure, ...answered });
  }
  return recorder.records();
}
