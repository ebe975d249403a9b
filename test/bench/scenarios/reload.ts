// What a reload costs the users of an app: requests, and time.
import type { LoadProcess } from '../clients/load.js';
import { bareNode } from '../peers/bare-node.js';
import type { AppOptions } from '../peers/peer.js';
import type { Report } from '../report/report.js';
import type { Contestant } from './contestant.js';
import { type IdleReloads, idleReloads } from './idle-reloads.js';
import { type Block, type Plan, reloadBlock } from './reload-block.js';
import { reportOf } from './reload-report.js';
import type { Context, Scenario } from './scenario.js';
import { underLoad } from './under-load.js';

const BLOCKS = 2;
const RELOADS_PER_BLOCK = 5;
const IDLE_ROUNDS = 20;
/** For each contestant but the first, whatever its reload takes. */
const IDLE_MS = 1500;
const LIMIT_MS = 6000;

export interface Reloads {
  readonly contestant: Contestant;
  readonly blocks: Block[];
}

export interface Idle {
  readonly boots: readonly number[];
  readonly all: readonly IdleReloads[];
}

/** `idle`: measures the reload of an idle server as well. */
function scenario(name: string, about: string, app: AppOptions, idle = false): Scenario {
  return { name, about, run: (context) => run(context, app, idle) };
}

function run(context: Context, app: AppOptions, idle: boolean): Promise<Report> {
  const { peers, quick, say } = context;
  const reloading = peers.filter((peer) => peer !== bareNode);
  return underLoad(context, reloading, app, async ({ contestants, loads, rate }) => {
    const plan = planOf(rate, app, quick);
    const all = contestants.map((contestant) => ({ contestant, blocks: [] as Block[] }));
    for (let block = 0; block < (quick ? 1 : BLOCKS); block += 1) {
      for (const one of all) await addBlock(one, loads, plan, say);
    }
    if (!idle) return reportOf(all, rate, null);
    say('reloads of idle servers');
    const seen = await idleReloads(contestants, quick ? 1 : IDLE_ROUNDS, IDLE_MS);
    return reportOf(all, rate, seen);
  });
}

function planOf(rate: number, { bootMs = 0 }: AppOptions, quick: boolean): Plan {
  const limitMs = bootMs + LIMIT_MS;
  return quick
    ? { rate, limitMs, reloads: 2, warmUpMs: 100, steadyMs: 100, gapMs: 0 }
    : { rate, limitMs, reloads: RELOADS_PER_BLOCK, warmUpMs: 300, steadyMs: 500, gapMs: 50 };
}

async function addBlock(
  { contestant, blocks }: Reloads,
  loads: LoadProcess,
  plan: Plan,
  say: Context['say'],
): Promise<void> {
  const running = await contestant.up();
  if (!running?.reload) return;
  const block = await reloadBlock(contestant, running, loads, plan);
  blocks.push(block);
  const { requests, failed } = block.losses;
  say(`${contestant.name}: ${block.reloads.length} reloads, ${failed} of ${requests} failed`);
}

export const reload = scenario(
  'reload',
  'ten reloads under load, and reloads of an idle server',
  {},
  true,
);
export const reloadSlowBoot = scenario(
  'reload-slow-boot',
  'ten reloads under load of an app that boots for two seconds',
  { bootMs: 2000 },
);
export const reloadSlowHandlers = scenario(
  'reload-slow-handlers',
  'ten reloads under load of an app that takes 50 ms for an answer',
  { handlerMs: 50 },
);
