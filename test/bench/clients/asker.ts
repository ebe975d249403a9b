// Makes the requests of a load, none twice, and writes down what becomes of each.
import { Connection, type Endpoint, LoadFailure } from '../../helpers/load/connection.js';
import { makeRequest } from '../../helpers/load/requests.js';
import { now, shared } from './clock.js';
import { Recorder } from './records.js';

/** The first answer by a process with a release, as soon as it is there. */
export interface First {
  readonly generation: number;
  readonly pid: number;
  /** When it was complete, by the shared clock. */
  readonly at: number;
}

export interface Asked {
  readonly failed: boolean;
  /** When it can be used again. */
  readonly connection: Connection | null;
}

export class Asker {
  readonly recorder = new Recorder();
  readonly #endpoint: Endpoint;
  readonly #limitMs: number;
  readonly #onFirst: (first: First) => void;
  readonly #seen = new Set<string>();
  #asked = 0;

  /** `limitMs`: silence for so long is a timeout. */
  constructor(endpoint: Endpoint, limitMs: number, onFirst: (first: First) => void) {
    this.#endpoint = endpoint;
    this.#limitMs = limitMs;
    this.#onFirst = onFirst;
  }

  /** On an idle connection, or on a new one. What fails is written down; rejects only where the client is to blame. */
  async ask(due: number, keepAlive: boolean, idle: Connection | null): Promise<Asked> {
    const connection = idle ?? this.#open();
    this.#asked += 1;
    const sent = now();
    try {
      const answer = await connection.exchange(makeRequest('fast', this.#asked, keepAlive));
      if (!keepAlive && !answer.last) throw new LoadFailure('wrong answer', 'did not close');
      const { generation, pid, last } = answer;
      const done = shared(connection.answeredAt);
      this.recorder.add({ due, sent, done, failure: null, generation, pid });
      this.#note({ generation, pid, at: done });
      if (idle === null) {
        const { connectionsOf } = this.recorder;
        connectionsOf.set(pid, (connectionsOf.get(pid) ?? 0) + 1);
      }
      if (!last) return { failed: false, connection };
      if (keepAlive) this.recorder.announced.push(done);
      connection.close();
      return { failed: false, connection: null };
    } catch (error) {
      if (!(error instanceof LoadFailure)) throw error;
      const failure = error.kind;
      this.recorder.add({
        due,
        sent,
        done: now(),
        failure,
        generation: 0,
        pid: connection.servedBy,
      });
      connection.close();
      return { failed: true, connection: null };
    }
  }

  /** A request that found no connection within the time a client waits. */
  unsent(due: number): void {
    const at = now();
    this.recorder.add({ due, sent: at, done: at, failure: 'timeout', generation: 0, pid: 0 });
  }

  /** Whether an idle connection still stands; one that does not is counted as closed. */
  stands(connection: Connection): boolean {
    if (connection.gone === null) return true;
    this.recorder.unannounced.push(now());
    connection.close();
    return false;
  }

  #open(): Connection {
    this.recorder.connections += 1;
    return new Connection(this.#endpoint, this.#limitMs);
  }

  #note(first: First): void {
    const key = `${first.generation} ${first.pid}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#onFirst(first);
  }
}
