// pm2 in cluster mode: as its documentation asks, and with the app as it is.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node } from '../../helpers/paths.js';
import { app, contestants } from '../paths.js';
import { childrenOf } from '../proc/processes.js';
import { contestantPackages, contestantVersion, isContestantInstalled } from './installed.js';
import type { Peer } from './peer.js';
import type { Place } from './place.js';
import { byCommands, start } from './start.js';

const bin = `${contestants}/node_modules/pm2/bin/pm2`;

type Facts = Pick<Peer, 'name' | 'about' | 'onlyIn'>;

function pm2(facts: Facts, script: string, ...options: string[]): Peer {
  const self: Peer = {
    ...facts,
    mostWorkers: 1024,
    missing: () => (isContestantInstalled('pm2') ? null : 'not installed: npm run bench:peers'),
    version: () => contestantVersion('pm2'),
    start: (wanted) =>
      start(self, wanted, {
        // It looks for a newer version of itself in the registry now and then.
        env: (directory) => ({
          PM2_HOME: join(directory, 'pm2'),
          PM2_DISABLE_VERSION_CHECK: 'true',
        }),
        command: ({ workers }) => [
          ...[node, bin, 'start', app(script), '--name', 'app', '-i', String(workers)],
          ...options,
        ],
        // It starts workers on when the first has answered, and a reload meanwhile leaves those out.
        started: (_, child) => child.exitCode === null && once(child, 'exit'),
        processes: (place) => {
          const supervisor = daemonOf(place);
          return { supervisor, workers: supervisor.flatMap(childrenOf) };
        },
        ...byCommands(
          () => [node, bin, 'reload', 'app'],
          () => [node, bin, 'kill'],
        ),
      }),
    installed: () => contestantPackages('pm2'),
  };
  return self;
}

/** The command that starts it leaves it behind. */
function daemonOf({ directory }: Place): number[] {
  const file = join(directory, 'pm2/pm2.pid');
  return existsSync(file) ? [Number(readFileSync(file, 'utf8'))] : [];
}

export const pm2Documented = pm2(
  {
    name: 'pm2',
    about:
      '`pm2 start app.js -i 1 --wait-ready`, then `pm2 reload app`; app as its documentation asks: sends `ready`, ' +
      'closes its server on SIGINT',
  },
  'pm2-app.mjs',
  '--wait-ready',
);

export const pm2Closing = pm2(
  {
    name: 'pm2, closing app',
    about:
      'as pm2, in reload-slow-handlers alone; beyond what the documentation asks, its app answers with ' +
      '`Connection: close` from SIGINT on, and closes its server 500 ms later',
    onlyIn: ['reload-slow-handlers'],
  },
  'pm2-closing-app.mjs',
  '--wait-ready',
);

export const pm2Unmodified = pm2(
  {
    name: 'pm2, unmodified app',
    about: '`pm2 start app.js -i 1`, then `pm2 reload app`; unmodified app',
  },
  'app.mjs',
);
