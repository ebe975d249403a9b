// From the signal to the new generation serving, against the boot of the app by itself.
import type { Readable } from 'node:stream';
import type { Result } from './result.js';
import { nextLine, type Server, startBare, startSupervised } from './servers.js';
import { summarize } from './statistics.js';

const ROUNDS = 30;
const WARM_UP_ROUNDS = 3;
/** Milliseconds that a reload may take beyond the boot of the app. */
const MOST_OVERHEAD_MS = 15;

export async function reloadTime(rounds = ROUNDS): Promise<Result> {
  const master = await startSupervised();
  const boots: number[] = [];
  const reloads: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const bootMs = await bareBoot();
    const reloadMs = await reload(master);
    if (round < 0) continue;
    boots.push(bootMs);
    reloads.push(reloadMs);
  }
  await master.stop();
  const [bare, supervised] = [summarize(boots), summarize(reloads)];
  const differences = summarize(reloads.map((ms, i) => ms - (boots[i] as number)));
  return {
    ...{ name: 'signal to serving', unit: 'ms', rounds, bare, supervised },
    comparison: {
      ...{ kind: 'difference', ...differences },
      median: supervised.median - bare.median,
    },
    budget: MOST_OVERHEAD_MS,
  };
}

async function bareBoot(): Promise<number> {
  const server = await startBare();
  await server.stop();
  return server.bootMs;
}

/** Waits for the old worker to be gone as well, which must not count in the next round. */
async function reload({ child }: Server): Promise<number> {
  const log = child.stderr as Readable;
  const event = (name: string) => nextLine(log, (line) => line.includes(`"event":"${name}"`));
  const gone = event('exited');
  const began = performance.now();
  child.kill('SIGHUP');
  await event('rolledOut');
  const took = performance.now() - began;
  await gone;
  return took;
}
