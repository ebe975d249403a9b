// What a load has seen.
import { FAILURE_KINDS, type FailureKind } from './connection.js';

export interface ClientReport {
  readonly name: string;
  /** Made so far, the one under way included. */
  readonly requests: number;
  readonly connections: number;
  /** Generation of its last answer; 0 before one. */
  readonly generation: number;
}

export interface Report {
  /** Answered as they should, or failed. */
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>;
  /** The first failures, a line for each. */
  readonly first: readonly string[];
  /** Answers by generation. */
  readonly generations: Readonly<Record<string, number>>;
  readonly clients: readonly ClientReport[];
  readonly durationMs: number;
}

/** For the message of an assertion: classes, counts, the first few in detail. */
export function describe(report: Report): string {
  const { requests, failed, failures, first, generations, durationMs } = report;
  const rate = Math.round((requests * 1000) / durationMs);
  const connections = report.clients.reduce((sum, one) => sum + one.connections, 0);
  return [
    `${requests} requests on ${connections} connections in ${Math.round(durationMs)} ms, ${rate} a second, ${failed} failed`,
    `by generation: ${JSON.stringify(generations)}`,
    ...FAILURE_KINDS.flatMap((kind) => (failures[kind] ? [`${failures[kind]} × ${kind}`] : [])),
    ...first.map((line) => `  ${line}`),
  ].join('\n');
}

/** Names of the clients that were last answered by another generation. */
export function laggards(report: Report, generation: number): string[] {
  return report.clients
    .filter((one) => one.generation !== generation)
    .map((one) => `${one.name}: generation ${one.generation}`);
}
