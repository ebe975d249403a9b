// What Node has itself.
import { node } from '../../helpers/paths.js';
import { app } from '../paths.js';
import { childrenOf } from '../proc/processes.js';
import { nodeVersion } from './node-version.js';
import type { Peer } from './peer.js';
import { ENDS_ON_SIGTERM, start } from './start.js';

export const nodeCluster: Peer = {
  name: 'cluster',
  about:
    "Node's `cluster`, round robin: SIGUSR2 forks anew, waits for `listening`, disconnects the old workers and " +
    'kills them 2 s later; unmodified app',
  mostWorkers: 1024,
  missing: () => null,
  version: nodeVersion,
  start: (options) =>
    start(nodeCluster, options, {
      command: () => [node, app('cluster.mjs')],
      processes: (_, primary) => ({ supervisor: [primary], workers: childrenOf(primary) }),
      reload: (_, primary) => {
        process.kill(primary, 'SIGUSR2');
        return { from: 'signal', status: null };
      },
      ...ENDS_ON_SIGTERM,
    }),
  installed: () => null,
};
