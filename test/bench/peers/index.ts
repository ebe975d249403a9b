// All contestants, in the order of the tables.
import { bareNode } from './bare-node.js';
import { gracefulRun } from './graceful-run.js';
import { nodeCluster } from './node-cluster.js';
import type { Peer } from './peer.js';
import { pm2Closing, pm2Documented, pm2Unmodified } from './pm2.js';
import { serverStarter } from './server-starter.js';
import { stopStart } from './stop-start.js';
import { watt } from './watt.js';

export const PEERS: readonly Peer[] = [
  gracefulRun,
  bareNode,
  nodeCluster,
  pm2Documented,
  pm2Closing,
  pm2Unmodified,
  serverStarter,
  stopStart,
  watt,
];

/** How a contestant is called on the command line. */
export function slug({ name }: Peer): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/**
 * Those whose names begin as the given ones do, in the order of the tables: `pm2` is all that pm2 does. Throws
 * for a name that means nobody.
 */
export function choosePeers(names: readonly string[], from = PEERS): readonly Peer[] {
  const means = (name: string, peer: Peer) => slug(peer).startsWith(name.toLowerCase());
  const unknown = names.find((name) => !from.some((peer) => means(name, peer)));
  if (unknown !== undefined) {
    throw new Error(`no contestant ${unknown}; there are: ${from.map(slug).join(', ')}`);
  }
  return from.filter((peer) => names.some((name) => means(name, peer)));
}
