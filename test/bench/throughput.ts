// Requests a second under graceful-run against the bare app. Both run at once and are asked by turns, in
// short slices: what else the machine does then hits both alike.
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientKind, startLoad } from '../helpers/load/load.js';
import { describe } from '../helpers/load/report.js';
import type { Result } from './result.js';
import { type Server, startBare, startSupervised } from './servers.js';
import { summarize } from './statistics.js';

/** New processes each time: one may have had more luck than another with its memory and compiled code. */
const PAIRS_OF_PROCESSES = 3;
const ROUNDS = 14;
const SLICE_MS = 250;
const WARM_UP_MS = 600;
const LEAST_RATIO = 0.97;

export function keepAlive(rounds = ROUNDS): Promise<Result> {
  return compare(rounds, 'keep-alive', { kind: 'fast', keepAlive: true, count: 32 });
}

export function newConnections(rounds = ROUNDS): Promise<Result> {
  return compare(rounds, 'a connection each', { kind: 'fast', keepAlive: false, count: 16 });
}

async function compare(rounds: number, name: string, clients: ClientKind): Promise<Result> {
  const bare: number[] = [];
  const supervised: number[] = [];
  for (let pair = 0; pair < PAIRS_OF_PROCESSES; pair += 1) {
    const servers = await Promise.all([startBare(), startSupervised()]);
    for (const server of servers) await rateOf(server, clients, WARM_UP_MS);
    for (let round = 0; round < rounds; round += 1) {
      const rates = [0, 0];
      // The second of a round finds warmer caches, or a hotter processor: each is second in turn.
      for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) {
        rates[which] = await rateOf(servers[which] as Server, clients, SLICE_MS);
      }
      bare.push(rates[0] as number);
      supervised.push(rates[1] as number);
    }
    await Promise.all(servers.map((server) => server.stop()));
  }
  const ratios = supervised.map((rate, i) => rate / (bare[i] as number));
  return {
    ...{ name, unit: 'requests/s', rounds: ratios.length },
    ...{ bare: summarize(bare), supervised: summarize(supervised) },
    comparison: { kind: 'ratio', ...summarize(ratios) },
    budget: LEAST_RATIO,
  };
}

/** Requests a second. */
async function rateOf({ endpoint }: Server, clients: ClientKind, ms: number): Promise<number> {
  const load = startLoad([endpoint], [clients]);
  await pause(ms);
  const report = await load.stop();
  if (report.failed > 0) throw new Error(describe(report));
  return (report.requests * 1000) / report.durationMs;
}
