// All contestants, in the order of the tables.
import { bareNode } from './bare-node.js';
import { gracefulRun } from './graceful-run.js';
import { gracefulRunDev } from './graceful-run-dev.js';
import { nodeCluster } from './node-cluster.js';
import { nodeWatch } from './node-watch.js';
import { nodemon } from './nodemon.js';
import type { Peer } from './peer.js';
import { pm2Closing, pm2Documented, pm2Unmodified } from './pm2.js';
import { serverStarter } from './server-starter.js';
import { stopStart } from './stop-start.js';
import { tsxWatch } from './tsx-watch.js';
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
  gracefulRunDev,
  nodeWatch,
  nodemon,
  tsxWatch,
];

/** How a contestant is called on the command line. */
export function slug({ name }: Peer): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/**
 * Those with the given names, in the order of the tables; a name that nobody has means all whose names begin so.
 * Throws for one that means nobody, and for an empty one.
 */
export function choosePeers(names: readonly string[], from = PEERS): readonly Peer[] {
  const meant = (given: string): readonly Peer[] => {
    const name = given.trim().toLowerCase();
    if (name === '') return [];
    const exact = from.filter((peer) => slug(peer) === name);
    return exact.length > 0 ? exact : from.filter((peer) => slug(peer).startsWith(name));
  };
  const unknown = names.find((name) => meant(name).length === 0);
  if (unknown !== undefined) {
    throw new Error(`no contestant '${unknown}'; there are: ${from.map(slug).join(', ')}`);
  }
  const chosen = names.flatMap(meant);
  return from.filter((peer) => chosen.includes(peer));
}
