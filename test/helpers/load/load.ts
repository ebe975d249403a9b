// Many clients hammering one server, from this process. No request is ever repeated: what fails is
// counted. Each load ends by `finish` or `stop`; no client outlives it.
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Endpoint, LoadFailure } from './connection.js';
import type { Report } from './report.js';
import { makeRequest, type RequestKind } from './requests.js';
import { type Client, Tally } from './tally.js';

export interface ClientKind {
  readonly kind: RequestKind;
  /** One connection, until the server says that it closes it; else a connection for each request. */
  readonly keepAlive: boolean;
  readonly count: number;
  /** Waits up to so many milliseconds before each request; 0 when absent. */
  readonly pauseMs?: number;
}

export interface Goal {
  /** Of all clients together. */
  readonly requests: number;
  /** Each client has been answered by it. */
  readonly generation: number;
}

export interface Load {
  report(): Report;
  /** Resolves when all clients together have made so many requests, or have stopped. */
  reached(requests: number): Promise<void>;
  /** Lets it run until the goal is reached, or for `limitMs`, then stops. */
  finish(goal: Goal, limitMs: number): Promise<Report>;
  /** Ends each client after its present request. */
  stop(): Promise<Report>;
}

interface Waiter {
  readonly requests: number;
  resolve(): void;
}

/** Silence of the server, in milliseconds, that counts as a timeout. */
const REQUEST_LIMIT_MS = 15_000;
/** A client that fails so often has seen enough. */
const FAILURE_LIMIT = 100;

/** Starts the clients; they take the endpoints in turn. */
export function startLoad(endpoints: readonly Endpoint[], kinds: readonly ClientKind[]): Load {
  const tally = new Tally();
  const waiting = new Set<Waiter>();
  let goal: Goal | null = null;
  let stopped = false;

  const specs = kinds.flatMap((spec) => Array.from({ length: spec.count }, () => spec));
  const clients: Client[] = specs.map(({ kind, keepAlive }, i) => ({
    name: `${keepAlive ? 'kept-alive' : 'new-connection'} ${kind} (client ${i + 1})`,
    ...{ requests: 0, connections: 0, failures: 0, generation: 0 },
  }));
  const drives = clients.map((client, i) =>
    drive(client, specs[i] as ClientKind, endpoints[i % endpoints.length] as Endpoint),
  );
  const running = Promise.all(drives).then(() => {
    stopped = true;
    tally.end();
    for (const one of waiting) one.resolve();
  });

  function wants(client: Client): boolean {
    if (stopped || client.failures >= FAILURE_LIMIT) return false;
    if (goal === null || tally.requests < goal.requests) return true;
    return client.generation !== goal.generation;
  }

  async function drive(client: Client, spec: ClientKind, endpoint: Endpoint): Promise<void> {
    const { kind, keepAlive, pauseMs = 0 } = spec;
    let connection: Connection | null = null;
    while (wants(client)) {
      if (pauseMs > 0) await pause(Math.random() * pauseMs);
      if (connection === null) client.connections += 1;
      const present: Connection = connection ?? new Connection(endpoint, REQUEST_LIMIT_MS);
      client.requests += 1;
      const sent = performance.now();
      try {
        const answer = await present.exchange(makeRequest(kind, client.requests, keepAlive));
        if (!keepAlive && !answer.last) throw new LoadFailure('wrong answer', 'did not close');
        tally.answered(client, answer.generation);
        connection = answer.last ? null : present;
      } catch (error) {
        if (!(error instanceof LoadFailure)) throw error;
        tally.failed(client, error, sent);
        present.close();
        connection = null;
      }
      for (const one of waiting) if (tally.requests >= one.requests) one.resolve();
    }
    connection?.close();
  }

  const report = () => tally.report(clients);

  async function stop(): Promise<Report> {
    stopped = true;
    await running;
    return report();
  }

  return {
    report,
    async reached(requests) {
      if (stopped || tally.requests >= requests) return;
      let waiter: Waiter | undefined;
      await new Promise<void>((resolve) => {
        waiter = { requests, resolve };
        waiting.add(waiter);
      });
      waiting.delete(waiter as Waiter);
    },
    async finish(wanted, limitMs) {
      goal = wanted;
      const timer = setTimeout(() => void stop(), limitMs);
      await running;
      clearTimeout(timer);
      return report();
    },
    stop,
  };
}
