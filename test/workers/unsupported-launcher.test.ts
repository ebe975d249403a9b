// Programs that stand between the master and the app, by their main script.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launcherAdvice, launcherOf } from '../../src/workers/unsupported-launcher.js';
import { scratch } from '../helpers/supervisor.js';

test('launchers and apps', () => {
  const rows: [script: string | null, launcher: string | null][] = [
    ['/usr/lib/node_modules/npm/bin/npm-cli.js', 'npm'],
    ['/usr/lib/node_modules/npm/bin/npx-cli.js', 'npx'],
    ['/usr/lib/node_modules/pnpm/bin/pnpm.cjs', 'pnpm'],
    ['/usr/lib/node_modules/pnpm/bin/pnpx.cjs', 'pnpm'],
    ['/usr/share/yarn/bin/yarn.js', 'yarn'],
    ['/srv/.yarn/releases/yarn-4.1.0.cjs', 'yarn'],
    ['/srv/node_modules/tsx/dist/cli.mjs', 'tsx'],
    ['/srv/node_modules/nodemon/bin/nodemon.js', 'nodemon'],
    ['/srv/node_modules/ts-node-dev/lib/bin.js', 'ts-node-dev'],
    ['/srv/node_modules/cross-env/dist/bin/cross-env.js', 'cross-env'],
    [null, null],
    ['', null],
    ['/srv/app.js', null],
    ['/srv/npm.js', null],
    ['/srv/yarnish.js', null],
    ['/srv/dist/cli.mjs', null],
    ['/srv/npm-cli.js/app.js', null],
  ];
  for (const [script, launcher] of rows) assert.equal(launcherOf(script), launcher, script ?? '');
});

test('a launcher is known behind the link in .bin', (t) => {
  const root = scratch(t);
  mkdirSync(join(root, 'tsx/dist'), { recursive: true });
  mkdirSync(join(root, '.bin'));
  writeFileSync(join(root, 'tsx/dist/cli.mjs'), '');
  symlinkSync('../tsx/dist/cli.mjs', join(root, '.bin/tsx'));
  assert.equal(launcherOf(join(root, '.bin/tsx')), 'tsx');
});

test('the advice is one line, with a command that can be pasted if there is one', () => {
  const rows: [launcher: string, command: string[], better: string][] = [
    ['tsx', ['tsx', 'app.ts'], 'node --import tsx app.ts'],
    ['npm', ['npm', 'start'], 'node <the script that it runs>'],
  ];
  for (const [launcher, command, better] of rows) {
    for (const calledAs of ['graceful-run', 'graceful-run dev']) {
      const advice = launcherAdvice(launcher, command, '/nowhere', calledAs);
      assert.match(
        advice,
        new RegExp(`^${launcher} runs the app as a process of its own, [^\\n]*$`),
      );
      assert.ok(advice.endsWith(`write instead: ${calledAs} -- ${better}`), advice);
    }
  }
});
