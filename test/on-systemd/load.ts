// Constant load on a machine, from a process of the host that has entered its network: the path is the
// loopback interface of the machine, and nothing that happens to its processes happens to the client.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../helpers/load/connection.js';
import type { ClientKind } from '../helpers/load/load.js';
import { describe, type Report } from '../helpers/load/report.js';
import type { LoadSpec, Order } from './load-client.js';
import type { Machine } from './machine.js';

export interface MachineLoad {
  report(): Promise<Report>;
  /** Resolves when all clients together have made so many requests. */
  reached(requests: number): Promise<Report>;
  /** Resolves when so many more requests have been made than up to now. */
  more(requests: number): Promise<Report>;
  /** Ends each client after its present request, and the process. */
  stop(): Promise<Report>;
}

const entry = fileURLToPath(new URL('load-client.js', import.meta.url));

/** New connections and kept-alive ones, quick and slow requests, uploads; with rests, for two cores. */
const MIXED: readonly ClientKind[] = [
  { kind: 'fast', keepAlive: true, count: 6, pauseMs: 8 },
  { kind: 'fast', keepAlive: false, count: 6, pauseMs: 8 },
  { kind: 'slow', keepAlive: true, count: 3 },
  { kind: 'slow', keepAlive: false, count: 3 },
  { kind: 'echo', keepAlive: true, count: 2, pauseMs: 20 },
  { kind: 'trickle', keepAlive: false, count: 2 },
  // Mostly idle: they send at the moment at which a server likes to close them.
  { kind: 'fast', keepAlive: true, count: 4, pauseMs: 1000 },
];

/** Starts it; a load that a test leaves running is ended with it. */
export async function startMachineLoad(
  t: TestContext,
  machine: Machine,
  endpoints: readonly Endpoint[],
  kinds: readonly ClientKind[] = MIXED,
): Promise<MachineLoad> {
  const there = endpoints.map((one) => ('path' in one ? { path: machine.path(one.path) } : one));
  const spec: LoadSpec = { endpoints: there, kinds };
  const enter = ['--net', `--target=${machine.leader}`, '--'];
  const child = spawn('nsenter', [...enter, process.execPath, entry, JSON.stringify(spec)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  t.after(async () => {
    child.stdin.destroy();
    await closed;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: answers come in the order of their questions. */
  function ask(order: Order): Promise<Report> {
    const answer = last.then(async () => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await lines.next();
      assert.ok(!done, 'the load client is gone');
      return JSON.parse(value) as Report;
    });
    last = answer.catch(() => {});
    return answer;
  }

  await ask({ do: 'report' });
  return {
    report: () => ask({ do: 'report' }),
    reached: (requests) => ask({ do: 'reached', requests }),
    async more(requests) {
      const before = await ask({ do: 'report' });
      return ask({ do: 'reached', requests: before.requests + requests });
    },
    async stop() {
      const report = await ask({ do: 'stop' });
      child.stdin.end();
      await closed;
      return report;
    },
  };
}

/** Starts mixed load over IPv4 and IPv6; resolves when it has made its first requests. */
export async function startLoadOn(
  t: TestContext,
  machine: Machine,
  port: number,
): Promise<MachineLoad> {
  const hosts = ['127.0.0.1', '::1'].map((host) => ({ host, port }));
  const load = await startMachineLoad(t, machine, hosts);
  await load.reached(300);
  return load;
}

/** Ends the load, tells what it saw, and asserts that nothing failed. */
export async function nothingLost(t: TestContext, load: MachineLoad): Promise<Report> {
  const report = await load.stop();
  t.diagnostic(describe(report));
  assert.equal(report.failed, 0, describe(report));
  return report;
}
