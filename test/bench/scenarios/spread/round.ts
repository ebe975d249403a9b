// One load on a server with several workers, and who of them got what.
import type { LoadProcess } from '../../clients/load.js';
import { lossesOf } from '../../clients/losses.js';
import type { Records } from '../../clients/records.js';
import type { Running } from '../../peers/peer.js';
import { type Shares, sharesOf } from './shares.js';

export interface Round {
  readonly connections: Shares;
  readonly requests: Shares;
  readonly failed: number;
}

/** So many clients connect at once, and ask as soon as they are answered. */
export async function oneRound(
  loads: LoadProcess,
  { endpoint, processes }: Running,
  clients: number,
  forMs: number,
): Promise<Round> {
  const load = loads.run({ endpoint, shape: 'keep-alive', pace: { clients }, forMs });
  const records = await load.ended;
  const { workers } = processes();
  const requests = answersOf(records);
  return {
    connections: sharesOf(workers.map((pid) => records.connectionsOf.get(pid) ?? 0)),
    requests: sharesOf(workers.map((pid) => requests.get(pid) ?? 0)),
    failed: lossesOf(records).failed,
  };
}

function answersOf({ pid, outcome }: Records): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [i, one] of pid.entries()) {
    if (outcome[i] === 0) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return counts;
}
