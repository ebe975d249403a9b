// The reloads of one contestant, one after the other, under a load of constant rate.
import { setTimeout as pause } from 'node:timers/promises';
import { now, shared } from '../clients/clock.js';
import { type Latency, latencyOf, tookOf } from '../clients/latency.js';
import type { Load, LoadProcess } from '../clients/load.js';
import { type Losses, lossesOf } from '../clients/losses.js';
import { MARGIN_MS, reloadSpan, requestsIn, type Span, worstP99 } from '../clients/windows.js';
import type { AskedBy, Running } from '../peers/peer.js';
import type { Contestant } from './contestant.js';
import { gone } from './gone.js';

export interface Plan {
  /** Requests a second. */
  readonly rate: number;
  readonly reloads: number;
  /** No further reload after so long. */
  readonly mostMs: number;
  /** Until connections are open, code is compiled and times are flat. */
  readonly warmUpMs: number;
  /** Without a reload. */
  readonly steadyMs: number;
  /** Requests in that time: a p99 of fewer says nothing. */
  readonly leastSteady: number;
  /** Until the new release serves, and from there until the old worker is gone. */
  readonly limitMs: number;
}

export interface ReloadSeen {
  readonly from: AskedBy;
  /** From the signal, or the start of the command; null: not within the limit. */
  readonly servingMs: number | null;
  /** null as well when both releases run in one process. */
  readonly goneMs: number | null;
  /** In milliseconds, of the worst second; Infinity: so many failed. */
  readonly p99: number;
  /** The longest that an answer took while it went on, in milliseconds. */
  readonly most: number;
}

export interface Block {
  /** From the start of the steady time to the end of the last reload. */
  readonly losses: Losses;
  readonly reloads: readonly ReloadSeen[];
  readonly steady: Latency;
}

interface Timed extends Pick<ReloadSeen, 'from' | 'servingMs' | 'goneMs'> {
  readonly span: Span;
}

export async function reloadBlock(
  contestant: Contestant,
  running: Running,
  loads: LoadProcess,
  plan: Plan,
): Promise<Block> {
  const { endpoint } = running;
  const load = loads.run({ endpoint, shape: 'mix', pace: { rate: plan.rate } });
  await pause(plan.warmUpMs);
  const steady = { from: now(), to: now() + plan.steadyMs };
  await pause(plan.steadyMs);
  const timed: Timed[] = [];
  let end = steady.to;
  while (timed.length < plan.reloads && end - steady.to < plan.mostMs) {
    // What belongs to one reload does not belong to the next.
    await pause(end + MARGIN_MS - now());
    const one = await reload(contestant, running, load, plan.limitMs);
    timed.push(one);
    end = one.span.to;
    // What did not come up will not do so by being asked more often.
    if (one.servingMs === null) break;
  }
  await pause(end - now());
  const records = await load.stop();
  const inSteady = requestsIn(records, steady);
  if (inSteady.length < plan.leastSteady) {
    throw new Error(`${inSteady.length} requests in the steady time, not ${plan.leastSteady}`);
  }
  return {
    losses: lossesOf(records, { from: steady.from, to: end }),
    reloads: timed.map(({ span, ...rest }) => ({
      ...rest,
      p99: worstP99(records, span),
      most: latencyOf(tookOf(records, requestsIn(records, span))).most,
    })),
    steady: latencyOf(tookOf(records, inSteady)),
  };
}

async function reload(
  contestant: Contestant,
  running: Running,
  load: Load,
  limitMs: number,
): Promise<Timed> {
  const { workers } = running.processes();
  const asked = contestant.reload();
  const { generation } = contestant;
  let hopelessAt = performance.now() + limitMs;
  const went = gone(workers, () => performance.now() > hopelessAt);
  const first = await load.seen((one) => one.generation === generation, limitMs);
  const inOneProcess = first === null || workers.includes(first.pid);
  hopelessAt = performance.now() + (inOneProcess ? 0 : limitMs);
  const goneAt = await went;
  const { began, from } = await asked;
  const oldGone = goneAt === null ? null : shared(goneAt);
  return {
    from,
    servingMs: first && first.at - shared(began),
    goneMs: goneAt === null ? null : goneAt - began,
    // What never came to be is waited for, and that time belongs to the reload as well.
    span: reloadSpan(shared(began), first?.at ?? now(), oldGone),
  };
}
