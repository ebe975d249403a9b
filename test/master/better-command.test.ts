// Which command is advised instead of a launcher, by a table.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { betterCommand } from '../../src/master/better-command.js';

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
};
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
  ];
  for (const [launcher, command, better] of rows) {
    assert.equal(betterCommand(launcher, command, cwd), better, command.join(' '));
  }
  assert.equal(betterCommand('npm', ['npm', 'start'], '/nonexistent'), null);
});
