// What scenarios under a constant rate have in common: a load process, a rate, and all contestants at once.
import { LoadProcess } from '../clients/load.js';
import type { AppOptions, Peer } from '../peers/peer.js';
import { type Contestant, withContestants } from './contestant.js';
import type { Context } from './scenario.js';
import { thirdOfSaturation } from './third-of-saturation.js';

export interface UnderLoad {
  readonly contestants: readonly Contestant[];
  readonly loads: LoadProcess;
  /** Requests a second. */
  readonly rate: number;
}

export async function underLoad<T>(
  { quick, say }: Context,
  peers: readonly Peer[],
  app: AppOptions,
  use: (given: UnderLoad) => Promise<T>,
): Promise<T> {
  const loads = new LoadProcess();
  try {
    const rate = await thirdOfSaturation(loads, app, 'mix', quick);
    say(`${rate} requests a second, a third of what this client gets out of the bare app`);
    return await withContestants(peers, app, (contestants) => use({ contestants, loads, rate }));
  } finally {
    await loads.end();
  }
}
