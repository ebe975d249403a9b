// nodemon, as it is without a configuration.
import { node } from '../../helpers/paths.js';
import { contestants } from '../paths.js';
import { contestantPackages, contestantVersion, isContestantInstalled } from './installed.js';
import { WATCHED } from './watched-app.js';
import { watcher } from './watcher.js';

const bin = `${contestants}/node_modules/nodemon/bin/nodemon.js`;

export const nodemon = watcher({
  name: 'nodemon',
  about: '`nodemon app.mjs`; unmodified app',
  missing: () => (isContestantInstalled('nodemon') ? null : 'not installed: npm run bench:peers'),
  version: () => contestantVersion('nodemon'),
  installed: () => contestantPackages('nodemon'),
  // It looks for a newer version of itself in the registry now and then.
  command: [node, bin, '--no-update-notifier', WATCHED],
});
