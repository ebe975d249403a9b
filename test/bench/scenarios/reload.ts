// What a reload costs the users of an app: requests, and time.
import type { LoadProcess } from '../clients/load.js';
import { bareNode } from '../peers/bare-node.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { AppOptions } from '../peers/peer.js';
import { stopStart } from '../peers/stop-start.js';
import type { Report } from '../report/report.js';
import type { Contestant } from './contestant.js';
import { idleReloads } from './idle-reloads.js';
import { type Plan, reloadBlock } from './reload-block.js';
import { type Conditions, type Reloads, reportOf } from './reload-report.js';
import type { Context, Scenario } from './scenario.js';
import { underLoad } from './under-load.js';

const RELOADS = 10;
/** Where each is an outage of the whole boot: it is not worth the time of more. */
const RELOADS_OF_OUTAGES = 3;
const IDLE_ROUNDS = 16;
const LIMIT_MS = 6000;

interface Choice {
  readonly app: AppOptions;
  /** Milliseconds after which a peer begins no further reload: some take three seconds for each. */
  readonly mostMs: number;
  /** Measures the reload of an idle server as well. */
  readonly idle?: boolean;
}

function scenario(name: string, about: string, choice: Choice): Scenario {
  return { name, about, run: (context) => run(context, choice) };
}

function run(context: Context, { app, mostMs, idle = false }: Choice): Promise<Report> {
  const { peers, quick, say } = context;
  const reloading = peers.filter((peer) => peer !== bareNode);
  return underLoad(context, reloading, app, async ({ contestants, loads, rate }) => {
    const all: Reloads[] = [];
    for (const contestant of contestants) {
      const plan = planOf(contestant, { rate, mostMs }, app, quick);
      all.push(await reloadsOf(contestant, loads, plan, say));
    }
    if (!idle) return reportOf(all, { rate, mostMs }, null);
    say('reloads of idle servers');
    const seen = await idleReloads(contestants, quick ? 1 : IDLE_ROUNDS);
    return reportOf(all, { rate, mostMs }, seen);
  });
}

function planOf(
  { peer }: Contestant,
  conditions: Conditions,
  { bootMs = 0 }: AppOptions,
  quick: boolean,
): Plan {
  const { rate } = conditions;
  const mostMs = peer === gracefulRun ? Number.POSITIVE_INFINITY : conditions.mostMs;
  const given = { rate, mostMs, limitMs: bootMs + LIMIT_MS };
  if (quick) return { ...given, reloads: 2, warmUpMs: 100, steadyMs: 100, leastSteady: 1 };
  const reloads = peer === stopStart && bootMs > 0 ? RELOADS_OF_OUTAGES : RELOADS;
  return { ...given, reloads, warmUpMs: 1500, steadyMs: 1000, leastSteady: 100 };
}

async function reloadsOf(
  contestant: Contestant,
  loads: LoadProcess,
  plan: Plan,
  say: Context['say'],
): Promise<Reloads> {
  const running = await contestant.up();
  const planned = plan.reloads;
  if (!running?.reload) return { contestant, planned, block: null };
  const block = await reloadBlock(contestant, running, loads, plan);
  const { requests, failed } = block.losses;
  say(`${contestant.name}: ${block.reloads.length} reloads, ${failed} of ${requests} failed`);
  return { contestant, planned, block };
}

export const reload = scenario('reload', 'ten reloads under load, and reloads of an idle server', {
  app: {},
  mostMs: 8000,
  idle: true,
});
export const reloadSlowBoot = scenario(
  'reload-slow-boot',
  'ten reloads under load of an app that boots for two seconds; three by stop and start',
  { app: { bootMs: 2000 }, mostMs: 16_000 },
);
export const reloadSlowHandlers = scenario(
  'reload-slow-handlers',
  'ten reloads under load of an app that takes 50 ms for an answer',
  { app: { handlerMs: 50 }, mostMs: 12_000 },
);
