// Many clients hammering one server, from this process. No request is ever repeated: what fails is
// counted. Each load ends by `finish` or `stop`; no client outlives it.
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../eventually.js';
import { Connection, type Endpoint, type FailureKind, LoadFailure } from './connection.js';
import type { ClientReport, Report } from './report.js';
import { makeRequest, type RequestKind } from './requests.js';

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

type Client = { -readonly [Key in keyof ClientReport]: ClientReport[Key] };

/** Silence of the server, in milliseconds, that counts as a timeout. */
const REQUEST_LIMIT_MS = 15_000;
/** Clients that fail so often have seen enough. */
const FAILURE_LIMIT = 1000;
const FIRST_FAILURES = 10;

/** Starts the clients; they take the endpoints in turn. */
export function startLoad(endpoints: readonly Endpoint[], kinds: readonly ClientKind[]): Load {
  const began = performance.now();
  const failures: Partial<Record<FailureKind, number>> = {};
  const generations: Record<string, number> = {};
  const first: string[] = [];
  let [requests, failed, newest] = [0, 0, 0];
  let goal: Goal | null = null;
  let endedAt: number | null = null;
  let stopped = false;

  const clients: Client[] = [];
  const drives: Promise<void>[] = [];
  for (const spec of kinds) {
    for (let nth = 0; nth < spec.count; nth += 1) {
      const number = clients.length + 1;
      const name = `${spec.keepAlive ? 'kept-alive' : 'new-connection'} ${spec.kind} (client ${number})`;
      const client = { name, requests: 0, connections: 0, generation: 0 };
      clients.push(client);
      drives.push(drive(client, spec, endpoints[number % endpoints.length] as Endpoint));
    }
  }
  const running = Promise.all(drives).then(() => {
    stopped = true;
    endedAt = performance.now();
  });

  function wants(client: Client): boolean {
    if (stopped || failed >= FAILURE_LIMIT) return false;
    return goal === null || requests < goal.requests || client.generation !== goal.generation;
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
        const { generation } = answer;
        client.generation = generation;
        newest = Math.max(newest, generation);
        generations[generation] = (generations[generation] ?? 0) + 1;
        connection = answer.last ? null : present;
      } catch (error) {
        if (!(error instanceof LoadFailure)) throw error;
        noteFailure(client, error, sent);
        present.close();
        connection = null;
      }
      requests += 1;
    }
    connection?.close();
  }

  function noteFailure(client: Client, { kind, message }: LoadFailure, sent: number): void {
    failed += 1;
    failures[kind] = (failures[kind] ?? 0) + 1;
    if (first.length >= FIRST_FAILURES) return;
    const now = performance.now();
    first.push(
      `at ${Math.round(now - began)} ms, ${client.name}: ${kind} after ${(now - sent).toFixed(1)} ms: ` +
        `${message} (it was served by generation ${client.generation}, the newest is ${newest})`,
    );
  }

  const report = (): Report => ({
    ...{ requests, failed, failures: { ...failures }, first: [...first] },
    ...{ generations: { ...generations }, clients: clients.map((client) => ({ ...client })) },
    durationMs: (endedAt ?? performance.now()) - began,
  });

  async function stop(): Promise<Report> {
    stopped = true;
    await running;
    return report();
  }

  return {
    report,
    async reached(count) {
      await eventually(`${count} requests`, () => stopped || requests >= count, Boolean, 600_000);
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
