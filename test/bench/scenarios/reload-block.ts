// Some reloads of one contestant, one after the other, under a load of constant rate.
import { setTimeout as pause } from 'node:timers/promises';
import { now, shared } from '../clients/clock.js';
import { tookOf } from '../clients/latency.js';
import type { Load, LoadProcess } from '../clients/load.js';
import { type Losses, lossesOf } from '../clients/losses.js';
import { reloadWindow, type Span, split } from '../clients/windows.js';
import type { Running } from '../peers/peer.js';
import type { Contestant } from './contestant.js';
import { gone } from './gone.js';

export interface Plan {
  readonly rate: number;
  readonly reloads: number;
  readonly warmUpMs: number;
  readonly steadyMs: number;
  /** Between the window of a reload and the next signal. */
  readonly gapMs: number;
  /** Until the new release serves, and from there until the old worker is gone. */
  readonly limitMs: number;
}

export interface ReloadSeen {
  readonly bySignal: boolean;
  /** From the signal, or the start of the command; null: not within the limit. */
  readonly servingMs: number | null;
  /** null as well when both releases run in one process. */
  readonly goneMs: number | null;
  /** Times of the requests in its window, those that failed as Infinity. */
  readonly took: readonly number[];
}

export interface Block {
  readonly losses: Losses;
  readonly reloads: readonly ReloadSeen[];
  readonly steady: readonly number[];
}

interface Timed extends Omit<ReloadSeen, 'took'> {
  readonly window: Span;
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
  const from = now();
  await pause(plan.steadyMs);
  const timed: Timed[] = [];
  while (timed.length < plan.reloads) {
    const one = await reload(contestant, running, load, plan.limitMs);
    timed.push(one);
    await pause(one.window.to - now() + plan.gapMs);
    // What did not come up will not do so by being asked more often.
    if (one.servingMs === null) break;
  }
  const whole = { from, to: now() };
  const records = await load.stop();
  const windows = timed.map((one) => one.window);
  const parts = split(records, whole, windows);
  return {
    losses: lossesOf(records, whole),
    reloads: timed.map(({ window: _, ...rest }, i) => ({
      ...rest,
      took: tookOf(records, parts.windows[i] ?? []),
    })),
    steady: tookOf(records, parts.steady),
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
  let hopelessAt = Number.POSITIVE_INFINITY;
  const went = gone(workers, () => performance.now() > hopelessAt);
  const first = await load.seen((one) => one.generation === generation, limitMs);
  const inOneProcess = first === null || workers.includes(first.pid);
  hopelessAt = performance.now() + (inOneProcess ? 0 : limitMs);
  const goneAt = await went;
  const { began, status } = await asked;
  const oldGone = goneAt === null ? null : shared(goneAt);
  return {
    bySignal: status === null,
    servingMs: first && first.at - shared(began),
    goneMs: goneAt === null ? null : goneAt - began,
    // What never came to be is waited for, and that time belongs to the reload as well.
    window: reloadWindow(shared(began), first?.at ?? now(), oldGone),
  };
}
