// A master whose first generation serves: how most end-to-end tests begin.
import type { TestContext } from 'node:test';
import type { StatusReport } from '../../src/status/report-types.js';
import { addressOf } from './client.js';
import { fixture, node } from './paths.js';
import { type Supervisor, type SupervisorOptions, startSupervisor } from './supervisor.js';
import { served } from './wait-generation.js';

export interface Serving {
  readonly master: Supervisor;
  /** When generation 1 began to serve. */
  readonly status: StatusReport;
  /** Of the first socket. */
  readonly address: string;
  /** Of the first worker. */
  readonly pid: number;
}

/** Runs a fixture on Node under `graceful-run ...args`. */
export function startServing(
  t: TestContext,
  app: string,
  args: readonly string[] = [],
  options: SupervisorOptions = {},
): Promise<Serving> {
  return startServingCommand(t, [...args, '--', node, fixture(app)], options);
}

/** `words` include the `--` and the command. */
export async function startServingCommand(
  t: TestContext,
  words: readonly string[],
  options: SupervisorOptions = {},
): Promise<Serving> {
  const master = startSupervisor(t, words, options);
  const status = await served(master);
  return { master, status, address: addressOf(status), pid: status.workers[0]?.pid ?? 0 };
}
