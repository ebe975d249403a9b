// Stop, then start: what `systemctl restart` does, and every deployment script without a supervisor.
import { node } from '../../helpers/paths.js';
import { app } from '../paths.js';
import { nodeVersion } from './node-version.js';
import type { Peer } from './peer.js';
import { Service } from './service.js';
import { start } from './start.js';

const command = [node, app('app.mjs')];

export const stopStart: Peer = {
  name: 'stop, start',
  about:
    'what `systemctl restart` does, without systemd: SIGTERM, wait until gone, start; `Restart=always` with its ' +
    'default delay of 100 ms; unmodified app',
  mostWorkers: 1,
  missing: () => null,
  version: nodeVersion,
  start: (options) => {
    let service: Service | undefined;
    return start(stopStart, options, {
      command: () => command,
      started: (place, child) => {
        service = new Service(place, command, child);
      },
      processes: () => ({ supervisor: [], workers: service?.pids ?? [] }),
      reload: async () => {
        await service?.restart();
        return { from: 'restart', status: null };
      },
      stop: () => service?.stop(),
    });
  },
  installed: () => null,
};
