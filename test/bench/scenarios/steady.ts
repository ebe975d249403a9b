// What serving costs under each, when nothing happens. All are up at once and are asked by turns, in short
// slices: what else the machine does then hits all alike.
import { setTimeout as pause } from 'node:timers/promises';
import { latencyOf, lateOf, tookOf } from '../clients/latency.js';
import { LoadProcess } from '../clients/load.js';
import { type LoadSpec, SHAPES, type Shape } from '../clients/load-spec.js';
import { lossesOf } from '../clients/losses.js';
import { durationOf, rateOf } from '../clients/rate.js';
import type { Records } from '../clients/records.js';
import { afterWarmUp } from '../clients/windows.js';
import { bareNode } from '../peers/bare-node.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { Running } from '../peers/peer.js';
import { cpuMs } from '../proc/usage.js';
import { summarize } from '../statistics.js';
import { type Contestant, withContestants } from './contestant.js';
import type { Scenario } from './scenario.js';
import { type Measured, reportOf } from './steady-report.js';

/** New processes each time: one may have had more luck than another with its memory and compiled code. */
const SETS = 3;
const ROUNDS = 12;
/**
 * The others are asked in every fifth: the ratio of those two is close to one, and has to be known well. An odd
 * number: each of the two comes first about as often.
 */
const ROUNDS_OF_TWO = 5;
const SLICE_MS = 150;
/** At a constant rate. All connections are opened at once, and the queue which that makes is gone by then. */
const RATE_WARM_UP_MS = 500;
const RATE_SLICE_MS = RATE_WARM_UP_MS + 350;
const WARM_UP_MS = 600;
const SHAPE_WARM_UP_MS = 150;
const CLIENTS = 24;
/** What a slice leaves to be cleaned up must not be done in the next one. */
const BETWEEN_MS = 5;

interface One {
  readonly contestant: Contestant;
  readonly measured: ReadonlyMap<Shape, Measured>;
  /** Requests that it lost, of all. */
  lost: number;
  /** It has not been asked yet. */
  fresh: boolean;
}

interface Asked {
  readonly one: One;
  readonly running: Running;
}

export const steady: Scenario = {
  name: 'steady',
  about: 'throughput, latency and CPU of serving, in three shapes of connections',
  async run({ peers, quick, say }) {
    const loads = new LoadProcess();
    try {
      return await withContestants(peers, {}, async (contestants) => {
        const all = contestants.map(emptyOne);
        for (let set = 0; set < (quick ? 1 : SETS); set += 1) {
          if (set > 0) await renew(all);
          for (const shape of SHAPES) {
            await measure(all, loads, shape, { set, quick });
            say(`set ${set + 1}: ${shape}`);
          }
        }
        return reportOf(all, RATE_WARM_UP_MS);
      });
    } finally {
      await loads.end();
    }
  },
};

function emptyOne(contestant: Contestant): One {
  const empty = (): Measured => ({
    ...{ rates: [], ratios: [], cpu: [], cpuRatios: [], serverCores: [], clientCores: [] },
    ...{ p50: [], p99: [], late50: [], late99: [] },
  });
  const measured = new Map(SHAPES.map((shape) => [shape, empty()]));
  return { contestant, measured, lost: 0, fresh: true };
}

const isOfTwo = ({ contestant: { peer } }: One) => peer === bareNode || peer === gracefulRun;

/** Those two start in no time; the others stay up. */
async function renew(all: readonly One[]): Promise<void> {
  for (const one of all.filter(isOfTwo)) {
    await one.contestant.stop();
    one.fresh = true;
  }
}

async function measure(
  all: readonly One[],
  loads: LoadProcess,
  shape: Shape,
  { set, quick }: { readonly set: number; readonly quick: boolean },
): Promise<void> {
  const up: Asked[] = [];
  for (const one of all) {
    const running = await one.contestant.up();
    if (running) up.push({ one, running });
  }
  for (const asked of up) {
    const warmUpMs = asked.one.fresh ? WARM_UP_MS : SHAPE_WARM_UP_MS;
    asked.one.fresh = false;
    await slice(asked, loads, shape, { clients: CLIENTS }, quick ? SHAPE_WARM_UP_MS : warmUpMs);
  }
  for (let round = 0; round < (quick ? 1 : ROUNDS); round += 1) {
    const forAll = round % ROUNDS_OF_TWO === 0;
    // Nobody is held to a ratio there.
    if (!forAll && shape === 'mix') continue;
    const some = forAll ? up : up.filter(({ one }) => isOfTwo(one));
    await saturate(some, loads, shape, set + round);
  }
  const rate = Math.round(bareRateOf(all, shape) / 3);
  for (const asked of inOrder(up, set)) {
    const records = await slice(asked, loads, shape, { rate }, RATE_SLICE_MS);
    const requests = afterWarmUp(records, RATE_WARM_UP_MS);
    const { p50, p99 } = latencyOf(tookOf(records, requests));
    const late = latencyOf(lateOf(records, requests));
    const measured = asked.one.measured.get(shape) as Measured;
    measured.p50.push(p50);
    measured.p99.push(p99);
    measured.late50.push(late.p50);
    measured.late99.push(late.p99);
  }
}

/** Who comes later finds warmer caches, or a hotter processor: each does in turn. */
function inOrder(up: readonly Asked[], round: number): Asked[] {
  const first = round % up.length;
  return [...up.slice(first), ...up.slice(0, first)];
}

/** The bare app is always there. */
function bareRateOf(all: readonly One[], shape: Shape): number {
  const bare = all.find(({ contestant }) => contestant.peer === bareNode);
  return summarize(bare?.measured.get(shape)?.rates ?? []).median;
}

/** One slice of each, and the ratios of its rate and CPU to those of the bare app in this very round. */
async function saturate(
  up: readonly Asked[],
  loads: LoadProcess,
  shape: Shape,
  round: number,
): Promise<void> {
  const seen = new Map<One, { readonly rate: number; readonly cpu: number }>();
  for (const asked of inOrder(up, round)) {
    const pids = Object.values(asked.running.processes()).flat();
    const before = cpuMs(pids);
    const records = await slice(asked, loads, shape, { clients: CLIENTS }, SLICE_MS);
    const usedMs = cpuMs(pids) - before;
    seen.set(asked.one, { rate: rateOf(records), cpu: (usedMs * 1000) / records.due.length });
    const measured = asked.one.measured.get(shape) as Measured;
    measured.serverCores.push(usedMs / durationOf(records));
    measured.clientCores.push(records.clientCpuMs / durationOf(records));
  }
  const [, bare] = [...seen].find(([one]) => one.contestant.peer === bareNode) ?? [];
  for (const [one, { rate, cpu }] of seen) {
    const measured = one.measured.get(shape) as Measured;
    measured.rates.push(rate);
    measured.cpu.push(cpu);
    if (!bare) continue;
    measured.ratios.push(rate / bare.rate);
    measured.cpuRatios.push(cpu / bare.cpu);
  }
}

async function slice(
  { one, running: { endpoint } }: Asked,
  loads: LoadProcess,
  shape: Shape,
  pace: LoadSpec['pace'],
  forMs: number,
): Promise<Records> {
  const records = await loads.run({ endpoint, shape, pace, forMs }).ended;
  one.lost += lossesOf(records).failed;
  await pause(BETWEEN_MS);
  return records;
}
