// Server::Starter, the ancestor of those that hand over sockets, in Perl.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../helpers/eventually.js';
import { node } from '../../helpers/paths.js';
import { app } from '../paths.js';
import { childrenOf } from '../proc/processes.js';
import { debianPackage } from './debian.js';
import type { AppOptions, Peer } from './peer.js';
import type { Place } from './place.js';
import { byCommands, start } from './start.js';

const PACKAGE = 'libserver-starter-perl';
const files = ({ directory }: Place) => [
  ...['--pid-file', join(directory, 'pid'), '--status-file', join(directory, 'status')],
];

export const serverStarter: Peer = {
  name: 'Server::Starter',
  about:
    '`start_server --port ... -- node app.js`, then `start_server --restart`; where the app boots slowly, with ' +
    '`--kill-old-delay` of that time; app takes the descriptor, closes its server on SIGTERM and its connections ' +
    '2 s later',
  mostWorkers: 1,
  missing: () => (said() === null ? `not installed: apt-get install ${PACKAGE}` : null),
  version: () => said() ?? '',
  start: (options) =>
    start(serverStarter, options, {
      command: (place) => [
        ...['start_server', '--port', `127.0.0.1:${place.port}`, ...files(place)],
        ...killOldDelay(options),
        ...['--', node, app('server-starter-app.mjs')],
      ],
      // A second after the start; until then `--restart` and `--stop` fail.
      started: async (place) => {
        const status = join(place.directory, 'status');
        await eventually('the status file', () => existsSync(status));
      },
      processes: (_, master) => ({ supervisor: [master], workers: childrenOf(master) }),
      ...byCommands(
        (place) => ['start_server', '--restart', ...files(place)],
        (place) => ['start_server', '--stop', ...files(place)],
      ),
      signal: (_, master) => process.kill(master, 'SIGHUP'),
    }),
  installed: () => debianPackage(PACKAGE),
};

/** It ends the old worker a second after it has started the new one, whether that has booted or not. */
function killOldDelay({ bootMs = 0 }: AppOptions): string[] {
  return bootMs === 0 ? [] : ['--kill-old-delay', String(Math.ceil(bootMs / 1000))];
}

/** Its version; null when it is not there. */
function said(): string | null {
  const { status, stdout } = spawnSync('start_server', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
