// One save of a file of the app, under a load that never stops.
import { setTimeout as pause } from 'node:timers/promises';
import { now, shared } from '../../clients/clock.js';
import type { LoadProcess } from '../../clients/load.js';
import { type Losses, lossesOf } from '../../clients/losses.js';
import type { Running } from '../../peers/peer.js';
import type { Contestant } from '../contestant.js';

/** Requests a second, each on a new connection: enough to find any gap, and next to no load. */
export const RATE = 250;
const WARM_UP_MS = 200;
/** A save that does not serve by then is missed. */
export const LIMIT_MS = 10_000;
/** After the first answer of the new version, while the old one may still be there. */
export const AFTER_MS = 400;

export interface Save {
  /** From the save to the first answer of the new version; Infinity when it was missed. */
  readonly servingMs: number;
  /** From the save until `AFTER_MS` after that answer. */
  readonly losses: Losses;
}

export const isMissed = ({ servingMs }: Save): boolean => !Number.isFinite(servingMs);

export async function saveOnce(
  contestant: Contestant,
  { endpoint }: Running,
  loads: LoadProcess,
): Promise<Save> {
  const load = loads.run({ endpoint, shape: 'a connection each', pace: { rate: RATE } });
  await pause(WARM_UP_MS);
  const { began } = await contestant.reload();
  const { generation } = contestant;
  const first = await load.seen((one) => one.generation === generation, LIMIT_MS);
  await pause(AFTER_MS);
  const to = now();
  const records = await load.stop();
  const from = shared(began);
  return {
    servingMs: first ? first.at - from : Number.POSITIVE_INFINITY,
    losses: lossesOf(records, { from, to }),
  };
}
