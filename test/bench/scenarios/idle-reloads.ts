// How soon a release serves when nobody but a prober asks: the boot of the bare app and reloads by turns.
import { setTimeout as pause } from 'node:timers/promises';
import { firstAnswer } from '../clients/probe.js';
import { bareNode } from '../peers/bare-node.js';
import type { Running } from '../peers/peer.js';
import type { Contestant } from './contestant.js';
import { gone } from './gone.js';

const WARM_UP_ROUNDS = 1;
/** Of a contestant whose reload takes long. */
const LEAST_ROUNDS = 3;
const LIMIT_MS = 10_000;
/** What the old worker leaves behind must not count in the next measurement. */
const SETTLE_MS = 30;

export interface IdleReloads {
  readonly contestant: Contestant;
  /** From the signal, or the start of the command. */
  readonly serving: number[];
  /** That, less the boot of the bare app in the same round. */
  readonly beyondBoot: number[];
  /** From the first answer of the new worker until the old one is gone. */
  readonly goneAfter: number[];
}

/** Each contestant until it has used up its time, the first of them `rounds` times. */
export async function idleReloads(
  contestants: readonly Contestant[],
  rounds: number,
  timeMs: number,
): Promise<{ readonly boots: number[]; readonly all: readonly IdleReloads[] }> {
  const boots: number[] = [];
  const all = contestants.map((contestant, i) => ({
    ...{ contestant, leftMs: i === 0 ? Number.POSITIVE_INFINITY : timeMs },
    ...{ serving: [] as number[], beyondBoot: [] as number[], goneAfter: [] as number[] },
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const bootMs = await bareBoot();
    if (round >= 0) boots.push(bootMs);
    for (const one of all) {
      if (one.leftMs <= 0 && one.serving.length >= LEAST_ROUNDS) continue;
      const began = performance.now();
      const running = await one.contestant.up();
      const seen = running && (await reload(one.contestant, running));
      await pause(SETTLE_MS);
      one.leftMs -= performance.now() - began;
      if (!seen || round < 0) continue;
      one.serving.push(seen.servingMs);
      one.beyondBoot.push(seen.servingMs - bootMs);
      if (seen.goneMs !== null) one.goneAfter.push(seen.goneMs - seen.servingMs);
    }
  }
  return { boots, all };
}

async function bareBoot(): Promise<number> {
  const running = await bareNode.start({});
  await running.stop();
  return running.firstAnswerMs;
}

async function reload(contestant: Contestant, running: Running) {
  const { workers } = running.processes();
  const asked = contestant.reload();
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
  const { began } = await asked;
  if (servedAt === null) return null;
  return { servingMs: servedAt - began, goneMs: goneAt === null ? null : goneAt - began };
}
