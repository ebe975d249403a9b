// The app by itself: what the machine can do, and no reload.
import { node } from '../../helpers/paths.js';
import { app } from '../paths.js';
import { nodeVersion } from './node-version.js';
import type { Peer } from './peer.js';
import { ENDS_ON_SIGTERM, start } from './start.js';

export const bareNode: Peer = {
  name: 'bare node',
  about: '`node app.js`; unmodified app, the physical limit',
  mostWorkers: 1,
  missing: () => null,
  version: nodeVersion,
  start: (options) =>
    start(bareNode, options, {
      command: () => [node, app('app.mjs')],
      processes: (_, pid) => ({ supervisor: [], workers: [pid] }),
      reload: null,
      ...ENDS_ON_SIGTERM,
    }),
  installed: () => null,
};
