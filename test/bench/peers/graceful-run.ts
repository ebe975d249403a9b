// What is measured for.
import { readFileSync } from 'node:fs';
import { bin, node, root } from '../../helpers/paths.js';
import { app } from '../paths.js';
import { childrenOf, commandOf } from '../proc/processes.js';
import { ownPackage } from './installed.js';
import type { Peer } from './peer.js';
import { start, statusOf } from './start.js';

export const gracefulRun: Peer = {
  name: 'graceful-run',
  about: '`graceful-run -- node app.js`, `graceful-run reload`; unmodified app',
  mostWorkers: 1024,
  missing: () => null,
  version: () => JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version,
  start: (options) =>
    start(gracefulRun, options, {
      command: ({ workers }) => [
        ...[node, bin, '--workers', String(workers)],
        ...['--', node, app('app.mjs')],
      ],
      processes: (_, master) => {
        // The master has helpers besides: the relay of notifications, setpriv.
        const children = childrenOf(master);
        const workers = children.filter((pid) => commandOf(pid).includes(app('app.mjs')));
        const helpers = children.filter((pid) => !workers.includes(pid));
        return { supervisor: [master, ...helpers], workers };
      },
      reload: (place) => statusOf(place, [node, bin, 'reload']),
      signal: (_, master) => process.kill(master, 'SIGHUP'),
      stop: (_, master) => process.kill(master, 'SIGTERM'),
    }),
  installed: ownPackage,
};
