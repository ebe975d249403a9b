// How soon a release serves when nobody but a prober asks: the boot of the bare app and reloads by turns.
import { setTimeout as pause } from 'node:timers/promises';
import { firstAnswer } from '../clients/probe.js';
import { bareNode } from '../peers/bare-node.js';
import { gracefulRun } from '../peers/graceful-run.js';
import type { AskedBy, Running } from '../peers/peer.js';
import type { Contestant } from './contestant.js';
import { gone } from './gone.js';

const WARM_UP_ROUNDS = 1;
/**
 * Whoever takes as long as so many boots of the bare app in the warm-up has some of the rounds, spread over all of
 * them: the machine may drift.
 */
export const SLOW_BOOTS = 4;
export const SLOW_EVERY = 5;
const LIMIT_MS = 10_000;
/** What the old worker leaves behind must not count in the next measurement. */
const SETTLE_MS = 30;

export interface IdleReloads {
  readonly contestant: Pick<Contestant, 'name'>;
  /** null when none was seen. */
  readonly from: AskedBy | null;
  /** From the signal, or the start of the command. */
  readonly serving: readonly number[];
  /** That, less the boot of the bare app in the same round. */
  readonly beyondBoot: readonly number[];
  /** From the first answer of the new worker until the old one is gone. */
  readonly goneAfter: readonly number[];
}

export interface Idle {
  /** From the start of the bare app to its first answer. */
  readonly boots: readonly number[];
  readonly all: readonly IdleReloads[];
}

/** All times are in milliseconds. Ours by its signal, and as often as the slow ones by its command. */
export async function idleReloads(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Idle> {
  const boots: number[] = [];
  const all = contestants.flatMap((contestant) =>
    isOurs(contestant) ? [row(contestant), row(contestant, true)] : [row(contestant)],
  );
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const bootMs = await bareBoot();
    if (round >= 0) boots.push(bootMs);
    for (const one of all) {
      if (one.slow && round > 0 && round % SLOW_EVERY !== 0) continue;
      const began = performance.now();
      const running = await one.contestant.up();
      const seen = running && (await reload(one.contestant, running, one.byCommand));
      await pause(SETTLE_MS);
      const tookMs = performance.now() - began;
      if (round < 0) one.slow ||= !isOurs(one.contestant) && tookMs > SLOW_BOOTS * bootMs;
      if (!seen || round < 0) continue;
      one.from = seen.from;
      one.serving.push(seen.servingMs);
      one.beyondBoot.push(seen.servingMs - bootMs);
      if (seen.goneMs !== null) one.goneAfter.push(seen.goneMs - seen.servingMs);
    }
  }
  return { boots, all };
}

const row = (contestant: Contestant, byCommand = false) => ({
  ...{ contestant, byCommand, slow: byCommand, from: null as AskedBy | null },
  ...{ serving: [] as number[], beyondBoot: [] as number[], goneAfter: [] as number[] },
});

const isOurs = ({ name }: Contestant) => name === gracefulRun.name;

async function bareBoot(): Promise<number> {
  const running = await bareNode.start({});
  await running.stop();
  return running.firstAnswerMs;
}

async function reload(contestant: Contestant, running: Running, byCommand: boolean) {
  const { workers } = running.processes();
  const asked = byCommand ? contestant.command() : contestant.reload();
  const { generation } = contestant;
  let answeredBy = 0;
  const served = firstAnswer(
    running.endpoint,
    (answer) => {
      answeredBy = answer.pid;
      return answer.generation === generation;
    },
    LIMIT_MS,
  );
  const end = performance.now() + LIMIT_MS;
  let hopeless = false;
  const went = gone(workers, () => hopeless || performance.now() > end);
  const servedAt = await served;
  hopeless = servedAt === null || workers.includes(answeredBy);
  const goneAt = await went;
  const { began, from } = await asked;
  if (servedAt === null) return null;
  return { from, servingMs: servedAt - began, goneMs: goneAt === null ? null : goneAt - began };
}
