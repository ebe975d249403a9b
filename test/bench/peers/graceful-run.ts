// The one that all others are measured against.

import { readFileSync } from 'node:fs';
import { V8_FLAGS } from '../../../src/v8-flags.js';
import { bin, node, root } from '../../helpers/paths.js';
import { app } from '../paths.js';
import { childrenOf, commandOf } from '../proc/processes.js';
import { ownPackage } from './installed.js';
import type { Peer } from './peer.js';
import { byCommands, start } from './start.js';

export const gracefulRun: Peer = {
  name: 'graceful-run',
  about: '`graceful-run -- node app.js`, then `graceful-run reload`; unmodified app',
  mostWorkers: 1024,
  missing: () => null,
  version: () => JSON.parse(readFileSync(`${root}package.json`, 'utf8')).version,
  start: (options) =>
    start(gracefulRun, options, {
      command: ({ workers }) => [
        ...[node, ...V8_FLAGS, bin, '--workers', String(workers)],
        ...['--', node, app('app.mjs')],
      ],
      processes: (_, master) => {
        // The master has helpers besides, such as the relay of notifications.
        const children = childrenOf(master);
        const workers = children.filter((pid) => commandOf(pid).includes(app('app.mjs')));
        const helpers = children.filter((pid) => !workers.includes(pid));
        return { supervisor: [master, ...helpers], workers };
      },
      ...byCommands(
        () => [node, bin, 'reload'],
        () => [node, bin, 'stop'],
      ),
      signal: (_, master) => process.kill(master, 'SIGHUP'),
    }),
  installed: ownPackage,
};
