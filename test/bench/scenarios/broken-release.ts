// A release that throws while it boots, under load: who notices, who serves, and does the next good one mend it?
import { setTimeout as pause } from 'node:timers/promises';
import { now, shared } from '../clients/clock.js';
import type { Load, LoadProcess } from '../clients/load.js';
import { lossesOf } from '../clients/losses.js';
import { failureOf, type Records } from '../clients/records.js';
import { isWithin, type Span } from '../clients/windows.js';
import { bareNode } from '../peers/bare-node.js';
import type { CommandResult, Running } from '../peers/peer.js';
import { NOBODY, reportOf, type Seen } from './broken-release-report.js';
import { type Contestant, inTurn, troublesOf } from './contestant.js';
import type { Scenario } from './scenario.js';
import { underLoad } from './under-load.js';

const BROKEN = 2;
const WARM_UP_MS = 400;
/** After the command: what it left undone shows by then. */
const AFTER_MS = 1200;
const RECOVERY_LIMIT_MS = 5000;
/** Whoever answers in so long before the next step, serves. */
const LOOK_MS = 300;

export const brokenRelease: Scenario = {
  name: 'broken-release',
  about: 'reloads to a release that throws, then to a good one, under load',
  run(context) {
    const { peers, quick, say } = context;
    const broken = quick ? 1 : BROKEN;
    const reloading = peers.filter((peer) => peer !== bareNode);
    return underLoad(context, reloading, {}, async ({ contestants, loads, rate }) => {
      const rows = await inTurn(contestants, async (contestant, running) => {
        const seen = await deploy(contestant, running, loads, rate, broken);
        say(`${seen.name}: ${seen.losses.failed} failed, then ${seen.serves.join(', ')}`);
        return seen;
      });
      const conditions = { rate, broken, lookMs: [AFTER_MS - LOOK_MS, AFTER_MS] as const };
      return reportOf(rows, conditions, troublesOf(contestants));
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
  const results: CommandResult[] = [];
  const looks: Span[] = [];
  while (results.length < broken) {
    results.push(await contestant.command(true));
    await pause(AFTER_MS);
    looks.push({ from: now() - LOOK_MS, to: now() });
  }
  const to = now();
  const recoveryMs = await recover(contestant, load);
  const records = await load.stop();
  const serves = looks.map((look) => whoServes(records, look));
  return {
    ...{ name: contestant.name, results, serves, recoveryMs },
    losses: lossesOf(records, { from, to }),
  };
}

async function recover(contestant: Contestant, load: Load): Promise<number | null> {
  const asked = contestant.command();
  const { generation } = contestant;
  const first = await load.seen((one) => one.generation === generation, RECOVERY_LIMIT_MS);
  const { began } = await asked;
  return first && first.at - shared(began);
}

function whoServes(records: Records, look: Span): string {
  const names = new Set<string>();
  records.due.forEach((due, i) => {
    if (!isWithin(look, due)) return;
    names.add(failureOf(records, i) ? NOBODY : `release ${records.generation[i]}`);
  });
  return [...names].sort().join(' and ');
}
