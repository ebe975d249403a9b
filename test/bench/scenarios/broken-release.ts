// A release that throws while it boots, under load: who notices, who serves, and does the next good one mend it?
import { setTimeout as pause } from 'node:timers/promises';
import { now, shared } from '../clients/clock.js';
import type { Load, LoadProcess } from '../clients/load.js';
import { type Losses, lossesOf } from '../clients/losses.js';
import { failureOf, type Records } from '../clients/records.js';
import type { Span } from '../clients/windows.js';
import { bareNode } from '../peers/bare-node.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Running } from '../peers/peer.js';
import type { Cell, Report } from '../report/report.js';
import { type Contestant, inTurn, troublesOf } from './contestant.js';
import { FAILED_COLUMNS, failedCells, noFailures, single, spread } from './figures.js';
import type { Scenario } from './scenario.js';
import { underLoad } from './under-load.js';

const BROKEN = 2;
const WARM_UP_MS = 400;
/** After the command: what it left undone shows by then. */
const AFTER_MS = 1200;
const RECOVERY_LIMIT_MS = 5000;
/** Whoever answers in so long before the next step, serves. */
const LOOK_MS = 300;

interface Seen {
  readonly name: string;
  /** Of each broken reload: exit status, time of the command, and who served afterwards. */
  readonly statuses: readonly (number | null)[];
  readonly tookMs: readonly number[];
  readonly serves: readonly string[];
  readonly losses: Losses;
  /** Until the first answer of the good release. */
  readonly recoveryMs: number | null;
  /** While the broken one was there, and no good one had been asked for. */
  readonly stillServing: boolean;
}

export const brokenRelease: Scenario = {
  name: 'broken-release',
  about: 'reloads to a release that throws, then to a good one, under load',
  run(context) {
    const { peers, quick, say } = context;
    const reloading = peers.filter((peer) => peer !== bareNode);
    return underLoad(context, reloading, {}, async ({ contestants, loads, rate }) => {
      const rows = await inTurn(contestants, async (contestant, running) => {
        const seen = await deploy(contestant, running, loads, rate, quick ? 1 : BROKEN);
        say(`${seen.name}: ${seen.losses.failed} failed, then ${seen.serves.join(', ')}`);
        return seen;
      });
      return reportOf(rows, rate, troublesOf(contestants));
    });
  },
};

async function deploy(
  contestant: Contestant,
  { endpoint }: Running,
  loads: LoadProcess,
  rate: number,
  broken: number,
): Promise<Seen> {
  const load = loads.run({ endpoint, shape: 'mix', pace: { rate } });
  await pause(WARM_UP_MS);
  const from = now();
  const results = [];
  const looks: Span[] = [];
  while (results.length < broken) {
    results.push(await contestant.command(true));
    await pause(AFTER_MS);
    looks.push({ from: now() - LOOK_MS, to: now() });
  }
  const recoveryMs = await recover(contestant, load);
  const to = now();
  const records = await load.stop();
  const serves = looks.map((look) => whoServes(records, look));
  return {
    ...{ name: contestant.name, serves, recoveryMs, losses: lossesOf(records, { from, to }) },
    statuses: results.map((one) => one.status),
    tookMs: results.map((one) => one.tookMs),
    stillServing: serves.every((text) => text === GENERATION_1),
  };
}

async function recover(contestant: Contestant, load: Load): Promise<number | null> {
  const asked = contestant.command();
  const { generation } = contestant;
  const first = await load.seen((one) => one.generation === generation, RECOVERY_LIMIT_MS);
  const { began } = await asked;
  return first && first.at - shared(began);
}

const GENERATION_1 = 'release 1';

function whoServes(records: Records, { from, to }: Span): string {
  const names = new Set<string>();
  records.due.forEach((due, i) => {
    if (due < from || due >= to) return;
    names.add(failureOf(records, i) ? 'nobody' : `release ${records.generation[i]}`);
  });
  return [...names].sort().join(' and ');
}

function reportOf(rows: readonly Seen[], rate: number, troubles: string): Report {
  const ours = rows.find((one) => one.name === gracefulRun.name);
  return {
    tables: [
      {
        title: 'Reload to a release that throws while it boots',
        columns: [
          ...['', 'exit status', 'command, ms', 'serves then', 'good one serves, ms'],
          ...FAILED_COLUMNS,
        ],
        rows: rows.map((one) => [
          ...[one.name, statusCell(one.statuses), spread(one.tookMs)],
          ...[distinct(one.serves), one.recoveryMs === null ? 'never' : single(one.recoveryMs)],
          ...failedCells(one.losses),
        ]),
        note:
          `${rate} requests a second, half of them on kept connections. ${BROKEN} reloads to broken ` +
          'releases, by the command that a user types, then one to a good release. Serves then: who ' +
          `answered ${AFTER_MS - LOOK_MS} to ${AFTER_MS} ms after the command had ended. No status: a ` +
          `signal, or a command that does not end.${troubles}`,
      },
    ],
    budgets: ours
      ? [
          noFailures('failed requests', ours.losses.failed),
          noFailures('commands that ended with 0', ours.statuses.filter((one) => one === 0).length),
          noFailures(
            'broken releases after which release 1 did not serve',
            ours.stillServing ? 0 : 1,
          ),
        ]
      : [],
  };
}

const statusCell = (statuses: Seen['statuses']): Cell =>
  distinct(statuses.map((status) => (status === null ? 'none' : String(status))));

const distinct = (texts: readonly string[]): string => [...new Set(texts)].join(', then ');
