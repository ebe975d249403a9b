// The one that those which watch are measured against.
import { bin, node } from '../../helpers/paths.js';
import { gracefulRun } from './graceful-run.js';
import { WATCHED } from './watched-app.js';
import { watcher } from './watcher.js';

export const gracefulRunDev = watcher({
  name: 'graceful-run dev',
  about: '`graceful-run dev -- node app.mjs`; unmodified app',
  version: gracefulRun.version,
  installed: gracefulRun.installed,
  command: [node, bin, 'dev', '--', node, WATCHED],
});
