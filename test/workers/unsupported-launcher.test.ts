// Detection of programs that start the app as another process, and the advice for each.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  launcherAdvice,
  launcherOf,
  nodeAsLauncher,
  scriptAdvice,
} from '../../src/workers/unsupported-launcher.js';
import { scratch } from '../helpers/supervisor.js';

test('the main script tells the launcher', () => {
  const rows: [script: string | null, launcher: string | null][] = [
    ['/usr/lib/node_modules/npm/bin/npm-cli.js', 'npm'],
    ['/usr/lib/node_modules/npm/bin/npx-cli.js', 'npx'],
    ['/usr/lib/node_modules/pnpm/bin/pnpm.cjs', 'pnpm'],
    ['/usr/share/yarn/bin/yarn.js', 'yarn'],
    ['/srv/.yarn/releases/yarn-4.1.0.cjs', 'yarn'],
    ['/srv/node_modules/tsx/dist/cli.mjs', 'tsx'],
    ['/srv/node_modules/nodemon/bin/nodemon.js', 'nodemon'],
    ['/srv/node_modules/ts-node-dev/lib/bin.js', 'ts-node-dev'],
    ['/srv/node_modules/cross-env/dist/bin/cross-env.js', 'cross-env'],
    [null, null],
    ['/srv/app.js', null],
    ['/srv/npm.js', null],
    ['/srv/dist/cli.mjs', null],
  ];
  for (const [script, launcher] of rows) assert.equal(launcherOf(script), launcher, `${script}`);
});

test('a launcher is recognized behind the link in node_modules/.bin', (t) => {
  const root = scratch(t);
  mkdirSync(join(root, 'tsx/dist'), { recursive: true });
  mkdirSync(join(root, '.bin'));
  writeFileSync(join(root, 'tsx/dist/cli.mjs'), '');
  symlinkSync('../tsx/dist/cli.mjs', join(root, '.bin/tsx'));
  assert.equal(launcherOf(join(root, '.bin/tsx')), 'tsx');
});

test('the command line tells a Node that starts the app as another process', () => {
  const rows: [line: string, launcher: string | null][] = [
    ['node --watch app.js', 'node --watch'],
    ['node --watch-path=src app.js', 'node --watch'],
    ['/usr/bin/node --import tsx --watch app.ts', 'node --watch'],
    ['node --run start', 'node --run'],
    ['node --run=start', 'node --run'],
    ['node app.js --watch', null],
    ['server node --watch app.js', null],
    ['node --import tsx app.js --watch', null],
    ['node -r --watch app.js', null],
    ['node -- --watch', null],
    ['server --watch', null],
  ];
  for (const [line, launcher] of rows)
    assert.equal(nodeAsLauncher(line.split(' ')), launcher, line);
});

test('what to write instead of a launcher', (t) => {
  const scripts = {
    start: 'node app.js',
    dev: 'tsx watch app.ts',
    watch: 'node --watch app.js',
    build: 'tsc && NODE_ENV=production node app.js',
    variable: 'node $APP',
  };
  const isScript = (line: string) => `node <script> (the script of package.json is: ${line})`;
  const rows: [launcher: string, line: string, better: string][] = [
    ['npm', 'npm start', 'node app.js'],
    ['npm', 'npm -s run start', 'node app.js'],
    ['node --run', 'node --run=start', 'node app.js'],
    ['npm', 'npm run dev', isScript(scripts.dev)],
    ['npm', 'npm run watch', isScript(scripts.watch)],
    ['pnpm', 'pnpm build', isScript(scripts.build)],
    ['npm', 'npm run variable', isScript(scripts.variable)],
    ['npm', 'npm run absent', 'node <script>'],
    ['npx', 'npx start', 'node <script>'],
    ['tsx', 'tsx watch app.ts', 'node --import tsx <script>'],
  ];
  const root = scratch(t);
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts }));
  for (const [launcher, line, better] of rows) {
    const problem = `${launcher} runs the app as a process of its own, which cannot be handed sockets`;
    const advice = launcherAdvice(launcher, line.split(' '), root, 'graceful-run dev');
    assert.equal(advice, `${problem}; write instead: graceful-run dev -- ${better}`);
  }
  const without = launcherAdvice('npm', ['npm', 'start'], '/nowhere', 'graceful-run');
  assert.match(without, /; write instead: graceful-run -- node <script>$/);
});

test('a file that Node runs is advised to be started with node', (t) => {
  const root = scratch(t);
  const files = ['app.js', 'app.mjs', 'app.py', 'my app.js', '$(id).js', 'app.ts'];
  for (const name of files) writeFileSync(join(root, name), '');
  const advice = (word: string, ...args: string[]) => scriptAdvice(word, args, root);
  assert.equal(advice('./app.mjs', '--port', '80'), 'node ./app.mjs --port 80');
  assert.equal(advice('my app.js', 'a b'), "node 'my app.js' 'a b'");
  assert.equal(advice('$(id).js'), "node '$(id).js'");
  assert.match(advice('app.ts') ?? '', /^node (--import tsx )?app\.ts$/);
  for (const other of ['app.py', 'nope.js', 'node']) assert.equal(advice(other), null, other);
});
