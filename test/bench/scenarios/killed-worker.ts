// A worker dies without a word, as by the OOM killer, again and again, under load.
import { setTimeout as pause } from 'node:timers/promises';
import { isRunning } from '../../helpers/supervisor.js';
import { now } from '../clients/clock.js';
import { countKills, type Kill } from '../clients/kills.js';
import type { Load, LoadProcess } from '../clients/load.js';
import { type Losses, lossesEnding } from '../clients/losses.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Running } from '../peers/peer.js';
import type { Report } from '../report/report.js';
import { type Contestant, inTurn, troublesOf } from './contestant.js';
import { count, FAILED_COLUMNS, failedCells, noFailures, spread } from './figures.js';
import type { Scenario } from './scenario.js';
import { underLoad } from './under-load.js';

const KILLS = 5;
/** Until all connections are open and the code of the app is compiled. */
const WARM_UP_MS = 1500;
/** After the recovery, so that each worker has some work behind it. */
const BETWEEN_MS = 700;
const RECOVERY_LIMIT_MS = 3000;

interface Seen {
  readonly name: string;
  readonly kills: number;
  readonly recoveries: readonly number[];
  readonly losses: Losses;
  readonly inHand: number;
  readonly beyond: number;
}

export const killedWorker: Scenario = {
  name: 'killed-worker',
  about: 'the only worker killed with -9, five times, under load',
  run(context) {
    const { peers, quick, say } = context;
    return underLoad(context, peers, {}, async ({ contestants, loads, rate }) => {
      const rows = await inTurn(contestants, async (contestant, running) => {
        const seen = await killRepeatedly(contestant, running, loads, rate, quick ? 1 : KILLS);
        say(`${seen.name}: ${seen.losses.failed} failed, ${seen.recoveries.length} recoveries`);
        return seen;
      });
      return reportOf(rows, rate, troublesOf(contestants) + threadsOf(contestants));
    });
  },
};

/** For the note of the table. */
function threadsOf(contestants: readonly Contestant[]): string {
  return contestants
    .filter(({ peer }) => peer.threads)
    .map(({ name }) => ` ${name}: its workers are threads, so that all of it is killed.`)
    .join('');
}

async function killRepeatedly(
  { name }: Contestant,
  running: Running,
  loads: LoadProcess,
  rate: number,
  wanted: number,
): Promise<Seen> {
  const { endpoint } = running;
  const load = loads.run({ endpoint, shape: 'mix', pace: { rate } });
  await pause(WARM_UP_MS);
  const kills: Kill[] = [];
  const recoveries: number[] = [];
  while (kills.length < wanted) {
    const { kill, recoveryMs } = await killOne(running, load);
    await pause(BETWEEN_MS);
    kills.push(kill);
    if (recoveryMs === null) break;
    recoveries.push(recoveryMs);
  }
  const to = now();
  const records = await load.stop();
  const losses = lossesEnding(records, { from: kills[0]?.at ?? to, to });
  return { name, kills: kills.length, recoveries, losses, ...countKills(records, kills, to) };
}

async function killOne(running: Running, load: Load) {
  const [victim] = running.processes().workers;
  if (victim === undefined) throw new Error(`${running.peer.name} has no worker`);
  const known = new Set(load.firsts.map((first) => first.pid));
  const at = now();
  process.kill(victim, 'SIGKILL');
  // Its connections are closed before that.
  while (isRunning(victim)) await pause(1);
  const gone = now();
  const first = await load.seen((one) => !known.has(one.pid), RECOVERY_LIMIT_MS);
  return { kill: { victim, at, gone }, recoveryMs: first && first.at - at };
}

function reportOf(rows: readonly Seen[], rate: number, troubles: string): Report {
  const ours = rows.find((one) => one.name === gracefulRun.name);
  return {
    tables: [
      {
        title: 'Requests lost with a killed worker',
        columns: [
          ...['', 'kills', 'recovered', 'recovery, ms'],
          ...[...FAILED_COLUMNS, 'in hand', 'failed beyond'],
        ],
        rows: rows.map((one) => [
          ...[one.name, count(one.kills), count(one.recoveries.length), spread(one.recoveries)],
          ...[...failedCells(one.losses), count(one.inHand), count(one.beyond)],
        ]),
        note:
          `${rate} requests a second, half of them on kept connections. Each peer ran once, in the order of the ` +
          `table, with a warm-up of ${WARM_UP_MS / 1000} s. Requests: those that ended after the first kill. ` +
          'Recovery: from the signal to the first answer of another process. In hand: sent before the worker was ' +
          'gone and not answered when it was killed, or sent on one of its connections before the client could ' +
          'know. Failed beyond: failed without that. Each request counts once, for the last kill before its end. ' +
          `What has not recovered in ${RECOVERY_LIMIT_MS / 1000} s is not killed again. graceful-run replaces the ` +
          'first at once, and waits ever longer before those that follow within ten seconds of each ' +
          `other.${troubles}`,
      },
    ],
    // One that did not start has no figure, and has missed them.
    budgets: [
      noFailures('refused requests', ours?.losses.failures.refused ?? Number.NaN),
      {
        ...noFailures('failed beyond what the worker had in hand', ours?.beyond ?? Number.NaN),
        always: false,
      },
      noFailures(
        'kills without a recovery',
        ours ? ours.kills - ours.recoveries.length : Number.NaN,
      ),
    ],
  };
}
