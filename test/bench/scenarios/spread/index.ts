// How evenly connections and requests reach several workers.
import { setTimeout as pause } from 'node:timers/promises';
import { LoadProcess } from '../../clients/load.js';
import type { Peer } from '../../peers/peer.js';
import type { Cell, Report, Table } from '../../report/report.js';
import { type Contestant, runningOf, withContestants, withTroubles } from '../contestant.js';
import { count, spread as figure, noFailures } from '../figures.js';
import type { Context, Scenario } from '../scenario.js';
import { oneRound, type Round } from './round.js';
import type { Shares } from './shares.js';

/** Those that share one socket among workers, each in its own way. */
const NAMES = ['graceful-run', 'cluster', 'pm2'];
const FULL = { workers: [2, 4, 8], clients: [100, 1000], rounds: 3, forMs: 1000 };
const QUICK = { workers: [2], clients: [100], rounds: 1, forMs: 600 };

/** All workers are there by then, and the last ones may still boot. */
const BOOT_MS = 1500;

/** Of one contestant with so many workers, under so many clients. */
interface Measured {
  readonly peer: Peer;
  readonly workers: number;
  readonly clients: number;
  readonly rounds: Round[];
}

export const spread: Scenario = {
  name: 'spread',
  about: 'connections and requests per worker, with 2, 4 and 8 workers',
  async run({ peers, quick, say }: Context): Promise<Report> {
    const effort = quick ? QUICK : FULL;
    const chosen = peers.filter(({ name }) => NAMES.includes(name));
    const measured: Measured[] = [];
    const asked: Contestant[] = [];
    const loads = new LoadProcess();
    try {
      for (const workers of effort.workers) {
        say(`${workers} workers`);
        measured.push(...(await withWorkers(loads, chosen, workers, effort, asked)));
      }
    } finally {
      await loads.end();
    }
    const own = measured.filter(({ peer }) => peer.name === 'graceful-run').flatMap(roundsOf);
    return {
      tables: withTroubles(
        effort.clients.map((clients) =>
          tableOf(
            clients,
            measured.filter((one) => one.clients === clients),
          ),
        ),
        asked,
      ),
      budgets: [noFailures('failed requests', own.length === 0 ? Number.NaN : failed(own))],
    };
  },
};

function withWorkers(
  loads: LoadProcess,
  peers: readonly Peer[],
  workers: number,
  { clients: numbers, rounds, forMs }: typeof FULL,
  asked: Contestant[],
): Promise<Measured[]> {
  return withContestants(peers, { workers }, async (contestants) => {
    asked.push(...contestants);
    const running = runningOf(contestants);
    const measured: Measured[] = [];
    await pause(BOOT_MS);
    for (const clients of numbers) {
      const all = running.map((one) => ({ one, rounds: [] as Round[] }));
      // By turns: a busy moment hits all alike.
      for (let round = 0; round < rounds; round += 1) {
        for (const { one, rounds } of all) {
          rounds.push(await oneRound(loads, one, clients, forMs));
        }
      }
      measured.push(
        ...all.map(({ one, rounds }) => ({ peer: one.peer, workers, clients, rounds })),
      );
    }
    return measured;
  });
}

function tableOf(clients: number, measured: readonly Measured[]): Table {
  const columns = (what: string) =>
    ['lowest %', 'highest %', 'most/mean'].map((column) => `${what}: ${column}`);
  return {
    title: `Spread over the workers, ${clients.toLocaleString('en')} keep-alive clients`,
    columns: ['', 'workers', ...columns('connections'), ...columns('requests'), 'failed'],
    rows: measured.map(({ peer, workers, rounds }) => [
      peer.name,
      String(workers),
      ...cells(rounds.map((round) => round.connections)),
      ...cells(rounds.map((round) => round.requests)),
      count(failed(rounds)),
    ]),
    note:
      'All clients connect at once and ask as soon as they are answered. The share of the worker with the ' +
      'least and of the one with the most, and the most against the mean: 1 is even. Connections ' +
      'and requests are counted by the process that answered.',
  };
}

const cells = (shares: readonly Shares[]): Cell[] => [
  figure(
    shares.map(({ lowest }) => lowest),
    1,
  ),
  figure(
    shares.map(({ highest }) => highest),
    1,
  ),
  figure(
    shares.map(({ excess }) => excess),
    2,
  ),
];

const roundsOf = ({ rounds }: Measured) => rounds;
const failed = (rounds: readonly Round[]) => rounds.reduce((sum, round) => sum + round.failed, 0);
