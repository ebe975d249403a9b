// Watt: workers are threads of one process, each with a listener of its own on the same port (SO_REUSEPORT).
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { node } from '../../helpers/paths.js';
import { app, contestants } from '../paths.js';
import { contestantPackages, contestantVersion, isContestantInstalled } from './installed.js';
import { nodeVersion } from './node-version.js';
import type { Peer } from './peer.js';
import type { Place } from './place.js';
import { byCommands, start } from './start.js';

const modules = `${contestants}/node_modules`;
const bin = `${modules}/wattpm/bin/cli.js`;
/** By its `engines`. */
const LEAST_NODE = [22, 19] as const;

export const watt: Peer = {
  name: 'Watt',
  about:
    '`wattpm start`, then `wattpm restart`, `@platformatic/node`; threads instead of processes; unmodified app',
  mostWorkers: 1024,
  threads: true,
  missing() {
    if (!isContestantInstalled('wattpm')) return 'not installed: npm run bench:peers';
    const [major = 0, minor = 0] = nodeVersion().slice(1).split('.').map(Number);
    const old = major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1]);
    return old ? `needs Node ${LEAST_NODE.join('.')}` : null;
  },
  version: () => contestantVersion('wattpm'),
  start: (options) =>
    start(watt, options, {
      // Its commands find it by a socket in the directory for temporary files.
      env: (directory) => ({ TMPDIR: directory }),
      command: (place) => {
        writeProject(place);
        return [node, bin, 'start'];
      },
      processes: (_, pid) => ({ supervisor: [], workers: [pid] }),
      ...byCommands(
        () => [node, bin, 'restart'],
        () => [node, bin, 'stop'],
      ),
    }),
  installed: () => contestantPackages('wattpm', '@platformatic/node'),
};

function writeProject({ directory, port, workers }: Place): void {
  const version = contestantVersion('@platformatic/node');
  const files = {
    'package.json': { name: 'app', type: 'module', private: true },
    'watt.json': {
      $schema: `https://schemas.platformatic.dev/@platformatic/node/${version}.json`,
      node: { main: 'index.mjs' },
      runtime: { workers, server: { hostname: '127.0.0.1', port } },
    },
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), JSON.stringify(content));
  writeFileSync(join(directory, 'index.mjs'), `import ${JSON.stringify(app('app.mjs'))};\n`);
  symlinkSync(modules, join(directory, 'node_modules'));
}
