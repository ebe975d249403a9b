// Which command is advised instead of a launcher, by a table.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { betterCommand, nodeAsLauncher } from '../../src/workers/better-command.js';

const cwd = mkdtempSync(join(tmpdir(), 'gr-'));
after(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
writeFileSync(join(cwd, 'node_modules/.bin/serve'), '');
const scripts = {
  start: 'node app.js',
  typed: 'tsx watch src/app.ts --port 1',
  with: 'NODE_ENV=production NAME="a b" node app.js',
  cross: 'cross-env NODE_ENV=production node app.js',
  chain: 'npm run build && node app.js',
  steps: "cd 'a b'; A=1 node app.js",
  local: 'serve --http',
  pipe: 'node app.js | pino-pretty',
  both: 'node a.js & node b.js',
  quoted: 'node -e "a; b" && node app.js "c && d"',
  watch: 'node --watch --watch-path=src app.js',
  nodemon: 'nodemon --watch src -e js,json app.js',
  built: 'npm run build && npm start',
  again: 'cross-env A=1 npm start',
  more: 'B=2 npm run again',
  moreSteps: 'A=1 npm run steps',
  becomes: 'cd x && exec node app.js',
  elsewhere: 'cd api && npm start',
  round: 'npm run round',
  condition: 'if true; then node app.js; fi',
  loop: 'while true; do node app.js; done',
  group: '{ node app.js; }',
  afterwards: 'node app.js; echo stopped',
  nice: 'nice -n 5 node --watch app.js',
  inShell: 'sh -c "node --watch app.js"',
  dotenv: 'dotenv -- node app.js',
  prepared: 'node app.js',
  preprepared: 'tsc -b',
  tools: 'serve --build; A=1 serve --check && node app.js',
};
mkdirSync(join(cwd, 'api'));
writeFileSync(join(cwd, 'api/package.json'), '{"scripts":{"start":"node api.js"}}');
writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts }));

test('what to write instead of a launcher', () => {
  const rows: [launcher: string, command: string[], better: string | null][] = [
    ['tsx', ['tsx', 'app.ts'], 'node --import tsx app.ts'],
    ['tsx', ['node_modules/.bin/tsx', 'watch', 'app.ts', 'a b'], "node --import tsx app.ts 'a b'"],
    ['nodemon', ['nodemon', 'app.js', '--x'], 'node app.js --x'],
    ['cross-env', ['cross-env', 'A=1', 'node', 'app.js'], 'env A=1 node app.js'],
    ['npx', ['npx', 'tsx', 'app.ts'], 'node --import tsx app.ts'],
    ['npx', ['npx', '--no-install', 'serve', '-x'], 'node_modules/.bin/serve -x'],
    ['npx', ['npx', '-y', '-p', 'serve@3', 'serve'], 'node_modules/.bin/serve'],
    ['npx', ['npx', '--package=serve', '--', 'serve'], 'node_modules/.bin/serve'],
    ['npx', ['npx'], null],
    ['npx', ['npx', '@nestjs/cli', 'start'], null],
    ['npx', ['npx', 'github:user/repo'], null],
    ['npx', ['npx', 'http-server'], null],
    ['npm', ['npm', 'exec', '@scope/x@1'], null],
    ['npm', ['npm', 'exec', '--', 'tsx', 'app.ts'], 'node --import tsx app.ts'],
    ['npm', ['npm', 'start'], 'node app.js'],
    ['npm', ['npm', '--silent', 'start'], 'node app.js'],
    ['npm', ['node', '/usr/lib/npm-cli.js', 'run', 'start'], 'node app.js'],
    ['npm', ['npm', 'run', 'typed'], 'node --import tsx src/app.ts --port 1'],
    ['npm', ['npm', 'run', 'with'], 'env NODE_ENV=production NAME="a b" node app.js'],
    ['npm', ['npm', 'run', 'cross'], 'env NODE_ENV=production node app.js'],
    ['npm', ['npm', 'run', 'chain'], "sh -c 'npm run build && exec node app.js'"],
    ['npm', ['npm', 'run', 'steps'], "sh -c 'cd '\\''a b'\\''; exec env A=1 node app.js'"],
    ['npm', ['npm', 'run', 'local'], 'node_modules/.bin/serve --http'],
    ['npm', ['npm', 'run', 'pipe'], null],
    ['npm', ['npm', 'run', 'both'], null],
    ['npm', ['npm', 'run', 'absent'], null],
    ['yarn', ['yarn', 'typed'], 'node --import tsx src/app.ts --port 1'],
    ['pnpm', ['pnpm'], 'node app.js'],
    ['npm', ['npm', 'run', 'quoted'], `sh -c 'node -e "a; b" && exec node app.js "c && d"'`],
    // What is behind it is passed on.
    ['npm', ['npm', 'start', '--', '--port', '3000', 'a b'], "node app.js --port 3000 'a b'"],
    ['npm', ['npm', '-s', 'run', '--silent', 'start', 'x', '--', '-y'], 'node app.js x -y'],
    ['npm', ['npm', 'start', '--port', '3000'], null],
    ['npm', ['npm', '--prefix', 'api', 'start'], null],
    ['npm', ['npm', 'run', 'chain', '--', '-x'], "sh -c 'npm run build && exec node app.js -x'"],
    ['yarn', ['yarn', 'start', '--port', '3000'], 'node app.js --port 3000'],
    ['pnpm', ['pnpm', 'run', 'start', '--', '--port=1'], 'node app.js --port=1'],
    // What has a meaning for the launcher alone.
    ['nodemon', ['nodemon', '-w', 'src', '--ext=js,ts', '-q', 'app.js', '-x1'], 'node app.js -x1'],
    ['nodemon', ['nodemon', '-r', 'x/y', '--inspect', 'app.js'], 'node -r x/y --inspect app.js'],
    ['nodemon', ['nodemon', '--exec', 'tsx', 'app.ts'], null],
    ['nodemon', ['nodemon', 'app.js', '--exec', 'babel-node'], null],
    ['nodemon', ['nodemon', 'app.js', '-w', 'src'], null],
    ['nodemon', ['nodemon', '-C', 'app.js'], null],
    ['nodemon', ['nodemon', '-r', 'x/y'], null],
    ['nodemon', ['nodemon'], null],
    ['ts-node-dev', ['ts-node-dev', '--respawn', '-T', 'app.js'], 'node app.js'],
    ['ts-node-dev', ['ts-node-dev', '--files', 'app.ts'], null],
    ['tsx', ['tsx', '--tsconfig', 't.json', 'app.ts'], null],
    ['tsx', ['tsx', '--env-file', '.env', 'app.ts'], 'node --import tsx --env-file .env app.ts'],
    ['tsx', ['tsx', 'watch', '--clear-screen=false', 'app.ts'], 'node --import tsx app.ts'],
    ['npx', ['npx', '-c', 'node app.js'], 'node app.js'],
    ['npx', ['npx', '-y', '--call', 'A=1 node app.js'], 'env A=1 node app.js'],
    ['npx', ['npx', '--workspace', 'api', 'serve'], null],
    ['npx', ['npx', 'tsx@4', 'app.ts'], 'node --import tsx app.ts'],
    ['npm', ['npm', 'run', 'watch'], 'node app.js'],
    // A launcher is no advice.
    ['npm', ['npm', 'run', 'nodemon'], 'node app.js'],
    ['npm', ['npm', 'run', 'built'], "sh -c 'npm run build && exec node app.js'"],
    ['npm', ['npm', 'run', 'again'], 'env A=1 node app.js'],
    ['npm', ['npm', 'run', 'more'], 'env B=2 A=1 node app.js'],
    ['npm', ['npm', 'run', 'becomes'], "sh -c 'cd x && exec node app.js'"],
    ['npm', ['npm', 'run', 'elsewhere'], "sh -c 'cd api && exec node api.js'"],
    ['npm', ['npm', 'run', 'round'], null],
    ['cross-env', ['cross-env', 'A=1', 'npm', 'start'], 'env A=1 node app.js'],
    ['cross-env', ['cross-env', 'A=1 2', 'npm', 'start'], "env 'A=1 2' node app.js"],
    ['cross-env', ['cross-env-shell', 'node app.js'], null],
    ['npx', ['npx', 'npm', 'run', 'nodemon'], 'node app.js'],
    [
      'npm',
      ['npm', 'run', 'tools'],
      "sh -c 'node_modules/.bin/serve --build; A=1 node_modules/.bin/serve --check && exec node app.js'",
    ],
    ...['condition', 'loop', 'group', 'afterwards', 'nice', 'inShell', 'dotenv'].map(
      (name): [string, string[], null] => ['npm', ['npm', 'run', name], null],
    ),
    ['npm', ['npm', 'run', 'prepared'], "sh -c 'tsc -b && exec node app.js'"],
    // What stands in front of it is kept.
    ['npm', ['env', 'A=1', 'npm', 'start'], 'env A=1 node app.js'],
    ['npm', ['nice', '-n', '5', 'npm', 'start'], 'nice -n 5 node app.js'],
    ['npm', ['env', '-i', 'npm', 'run', 'again'], 'env -i env A=1 node app.js'],
    ['npm', ['sh', '-c', 'exec npm start'], null],
    ['nodemon', ['./run.sh', 'app.js'], null],
    ['tsx', ['node', 'node_modules/tsx/dist/cli.mjs', 'app.ts'], null],
    // Node as its own launcher.
    ['node --watch', ['node', '--watch', 'app.js', '--watch'], 'node app.js --watch'],
    ['node --watch', ['node', '--watch-path', 'src', '-r', 'x', 'a b.js'], "node -r x 'a b.js'"],
    ['node --watch', ['env', 'A=1', '/opt/node', '--watch', 'app.js'], 'env A=1 /opt/node app.js'],
    ['node --watch', ['/a b/node', '--watch', 'app.js'], "'/a b/node' app.js"],
    ['node --watch', ['nice', '-n', '1', 'node', '--watch', 'a.js'], 'nice -n 1 node a.js'],
    ['node --run', ['node', '--run', 'start', '--', '--port', '1'], 'node app.js --port 1'],
    ['node --run', ['node', '--run=nodemon'], 'node app.js'],
  ];
  for (const [launcher, command, better] of rows) {
    assert.equal(betterCommand(launcher, command, cwd), better, command.join(' '));
  }
  assert.equal(betterCommand('npm', ['npm', 'start'], '/nonexistent'), null);
  const steps = betterCommand('npm', ['npm', 'run', 'moreSteps'], cwd) ?? '';
  assert.match(steps, /^env A=1 sh -c 'cd .*; exec env A=1 node app\.js'$/);
});

test('a file of TypeScript is for a Node that knows it', () => {
  for (const launcher of ['nodemon', 'ts-node-dev']) {
    const better = betterCommand(launcher, [launcher, '--watch', 'src', 'app.ts'], cwd) ?? '';
    assert.match(better, /^node (--import tsx )?app\.ts$/);
  }
});

test('when Node itself is the launcher', () => {
  const rows: [line: string, launcher: string | null][] = [
    ['node --watch app.js', 'node --watch'],
    ['node --watch-path=src app.js', 'node --watch'],
    ['node --watch-path src app.js', 'node --watch'],
    ['/usr/bin/node --import tsx --watch app.ts', 'node --watch'],
    ['env A=1 node --watch app.js', 'node --watch'],
    ['node --run start', 'node --run'],
    ['nice -n 1 node --watch app.js', 'node --watch'],
    ['env -u A node --watch app.js', 'node --watch'],
    ['nice -n 1 node app.js --watch', null],
    ['server node --watch app.js', null],
    ['node app.js --watch', null],
    ['node --import tsx app.js --watch', null],
    ['node -r --watch app.js', null],
    ['node -- --watch', null],
    ['node --watchful app.js', null],
    ['node', null],
    ['server --watch', null],
  ];
  for (const [line, launcher] of rows) {
    assert.equal(nodeAsLauncher(line.split(' ')), launcher, line);
  }
});
