// What a load has seen: counts, and the first failures in full.
import { FAILURE_KINDS, type FailureKind } from './connection.js';

export interface ClientReport {
  readonly name: string;
  readonly requests: number;
  readonly connections: number;
  /** Generation of its last answer; 0 before one. */
  readonly generation: number;
}

export interface Failure {
  readonly kind: FailureKind;
  readonly detail: string;
  readonly client: string;
  /** Milliseconds since the load began. */
  readonly at: number;
  /** How long the request took to fail, in milliseconds. */
  readonly tookMs: number;
  /** Generation that last answered this client, and the newest that any client had seen. */
  readonly generation: number;
  readonly newest: number;
}

export interface Report {
  /** Answered as they should, or failed. */
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<FailureKind, number>>;
  readonly first: readonly Failure[];
  /** Answers by generation. */
  readonly generations: Readonly<Record<string, number>>;
  readonly clients: readonly ClientReport[];
  readonly durationMs: number;
}

export const FIRST_FAILURES = 10;

/** For the message of an assertion: classes, counts, the first few in detail. */
export function describe(report: Report): string {
  const { requests, failed, failures, first, generations, durationMs } = report;
  const rate = Math.round((requests * 1000) / durationMs);
  const connections = report.clients.reduce((sum, one) => sum + one.connections, 0);
  const lines = [
    `${requests} requests on ${connections} connections in ${Math.round(durationMs)} ms, ${rate} a second, ${failed} failed`,
    `by generation: ${JSON.stringify(generations)}`,
  ];
  for (const kind of FAILURE_KINDS)
    if (failures[kind] > 0) lines.push(`${failures[kind]} × ${kind}`);
  for (const one of first) {
    lines.push(
      `  at ${Math.round(one.at)} ms, ${one.client}: ${one.kind} after ${one.tookMs.toFixed(1)} ms: ` +
        `${one.detail} (it was served by generation ${one.generation}, the newest is ${one.newest})`,
    );
  }
  return lines.join('\n');
}

/** Names of the clients that were last answered by another generation. */
export function laggards(report: Report, generation: number): string[] {
  return report.clients
    .filter((one) => one.generation !== generation)
    .map((one) => `${one.name}: generation ${one.generation}`);
}
