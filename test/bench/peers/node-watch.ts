// What Node has itself, for those who write.
import { node } from '../../helpers/paths.js';
import { nodeVersion } from './node-version.js';
import { WATCHED } from './watched-app.js';
import { watcher } from './watcher.js';

export const nodeWatch = watcher({
  name: 'node --watch',
  about: '`node --watch app.mjs`; unmodified app',
  version: nodeVersion,
  installed: () => null,
  command: [node, '--watch', WATCHED],
});
