// What becomes of each request, in a few bytes: hundreds of thousands are sent from one process to another.
import { FAILURE_KINDS, type FailureKind } from '../../helpers/load/connection.js';

export interface Records {
  /** When each was to be sent, in milliseconds of the shared clock; in no strict order. */
  readonly due: Float64Array;
  /** Milliseconds from there until it was sent: how late the client was. */
  readonly late: Float32Array;
  /** Milliseconds from the intended time to the complete answer, or to the failure. */
  readonly took: Float32Array;
  /** 0: answered as it should be; else 1 + the place in FAILURE_KINDS. */
  readonly outcome: Uint8Array;
  /** Of the answer; 0 without one. */
  readonly generation: Uint32Array;
  /** Of a failed request: who had answered before on its connection; 0 on a new one. */
  readonly pid: Uint32Array;
  readonly connections: number;
  /** By the process that gave their first answer. */
  readonly connectionsOf: ReadonlyMap<number, number>;
  readonly closed: ClosedConnections;
  /** Processor time of the whole load process while the load ran, in milliseconds. */
  readonly clientCpuMs: number;
}

/**
 * Keep-alive connections that the server ended while the client owed it nothing: no request failed by it. When
 * the client took note of each, by the shared clock.
 */
export interface ClosedConnections {
  /** By `Connection: close` in an answer: a client knows, and sends nothing more there. */
  readonly announced: readonly number[];
  /** Without a word, in order or by a reset: a client that had just sent a request would have lost it. */
  readonly unannounced: readonly number[];
}

/** Of one request; moments by the shared clock. */
export interface Outcome {
  readonly due: number;
  readonly sent: number;
  readonly done: number;
  readonly failure: FailureKind | null;
  readonly generation: number;
  readonly pid: number;
}

export class Recorder {
  #size = 0;
  #columns = columns(1 << 12);
  readonly #cpuBefore = process.cpuUsage();
  connections = 0;
  readonly connectionsOf = new Map<number, number>();
  readonly announced: number[] = [];
  readonly unannounced: number[] = [];

  add({ due, sent, done, failure, generation, pid }: Outcome): void {
    if (this.#size === this.#columns.due.length) this.#grow();
    const i = this.#size;
    this.#size += 1;
    const { due: dues, late, took, outcome, generation: generations, pid: pids } = this.#columns;
    dues[i] = due;
    late[i] = sent - due;
    took[i] = done - due;
    outcome[i] = failure === null ? 0 : 1 + FAILURE_KINDS.indexOf(failure);
    generations[i] = generation;
    pids[i] = pid;
  }

  records(): Records {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const { due, late, took, outcome, generation, pid } = this.#columns;
    const end = this.#size;
    return {
      due: due.slice(0, end),
      late: late.slice(0, end),
      took: took.slice(0, end),
      outcome: outcome.slice(0, end),
      generation: generation.slice(0, end),
      pid: pid.slice(0, end),
      connections: this.connections,
      connectionsOf: this.connectionsOf,
      closed: { announced: this.announced, unannounced: this.unannounced },
      clientCpuMs: (user + system) / 1000,
    };
  }

  #grow(): void {
    const larger = columns(this.#size * 2);
    for (const [name, column] of Object.entries(this.#columns)) {
      larger[name as keyof typeof larger].set(column);
    }
    this.#columns = larger;
  }
}

/** The class of a failed request; null when it was answered. */
export function failureOf(records: Records, i: number): FailureKind | null {
  return FAILURE_KINDS[(records.outcome[i] ?? 0) - 1] ?? null;
}

function columns(size: number) {
  return {
    due: new Float64Array(size),
    late: new Float32Array(size),
    took: new Float32Array(size),
    outcome: new Uint8Array(size),
    generation: new Uint32Array(size),
    pid: new Uint32Array(size),
  };
}
