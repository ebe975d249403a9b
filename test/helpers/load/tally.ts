// Counts for one load.
import { FAILURE_KINDS, type FailureKind, type LoadFailure } from './connection.js';
import { type Failure, FIRST_FAILURES, type Report } from './report.js';

export interface Client {
  readonly name: string;
  /** Made so far, the one under way included. */
  requests: number;
  connections: number;
  failures: number;
  /** Of its last answer. */
  generation: number;
}

export class Tally {
  readonly #began = performance.now();
  readonly #failures = new Map<FailureKind, number>(FAILURE_KINDS.map((kind) => [kind, 0]));
  readonly #first: Failure[] = [];
  readonly #generations = new Map<number, number>();
  #endedAt: number | null = null;
  #newest = 0;
  /** Of all clients, answered or failed. */
  requests = 0;

  answered(client: Client, generation: number): void {
    this.requests += 1;
    this.#newest = Math.max(this.#newest, generation);
    this.#generations.set(generation, (this.#generations.get(generation) ?? 0) + 1);
    client.generation = generation;
  }

  /** `sent`: when the request was, by performance.now(). */
  failed(client: Client, { kind, message: detail }: LoadFailure, sent: number): void {
    const now = performance.now();
    this.requests += 1;
    client.failures += 1;
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
    if (this.#first.length >= FIRST_FAILURES) return;
    this.#first.push({
      ...{ kind, detail, client: client.name, at: now - this.#began, tookMs: now - sent },
      ...{ generation: client.generation, newest: this.#newest },
    });
  }

  end(): void {
    this.#endedAt = performance.now();
  }

  report(clients: readonly Client[]): Report {
    return {
      requests: this.requests,
      failed: [...this.#failures.values()].reduce((sum, n) => sum + n, 0),
      failures: Object.fromEntries(this.#failures) as Report['failures'],
      first: [...this.#first],
      generations: Object.fromEntries(this.#generations),
      clients: clients.map((client) => ({ ...client })),
      durationMs: (this.#endedAt ?? performance.now()) - this.#began,
    };
  }
}
