// The watch mode of tsx, which is a development dependency of ours.
import { node, root } from '../../helpers/paths.js';
import { isOwnInstalled, ownDevelopmentPackages, ownDevelopmentVersion } from './installed.js';
import { WATCHED } from './watched-app.js';
import { watcher } from './watcher.js';

const bin = `${root}node_modules/tsx/dist/cli.mjs`;

export const tsxWatch = watcher({
  name: 'tsx watch',
  about: '`tsx watch app.mjs`; unmodified app',
  missing: () => (isOwnInstalled('tsx') ? null : 'not installed: npm ci'),
  version: () => ownDevelopmentVersion('tsx'),
  installed: () => ownDevelopmentPackages('tsx'),
  // It keeps what it has compiled in the directory for temporary files.
  env: (directory) => ({ TMPDIR: directory }),
  command: [node, bin, 'watch', '--clear-screen=false', WATCHED],
});
