// Commands that start the app as another process are refused at once, with one line of advice; similar commands, in which
// Node becomes the worker itself, work.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { get } from '../../helpers/client.js';
import { fixture, node, root } from '../../helpers/paths.js';
import { startServingCommand } from '../../helpers/serving.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';

/** A project as its developer has it, with packages installed; npm has no network and leaves no trace elsewhere. */
function project(t: TestContext) {
  const cwd = scratch(t);
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'));
  for (const name of ['answers-pid.mjs', 'answers-pid.cjs', 'answers-pid.ts']) {
    copyFileSync(fixture(name), join(cwd, name));
  }
  const scripts = { start: 'node answers-pid.mjs' };
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  writeFileSync(join(cwd, 'app'), "#!/usr/bin/env node\nimport './answers-pid.mjs';\n");
  chmodSync(join(cwd, 'app'), 0o755);
  const env = {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    npm_config_cache: scratch(t),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  return { cwd, env };
}

const lacksBash = spawnSync('bash', ['-c', ':']).error !== undefined && 'needs bash';
const needs = ([program]: readonly string[]) => (program === 'bash' ? { skip: lacksBash } : {});

const launched = (launcher: string, instead: string) =>
  `${launcher} runs the app as a process of its own, which cannot be handed sockets; ` +
  `write instead: graceful-run -- ${instead}`;
const behindShell =
  'a program between graceful-run and Node keeps the app from being handed sockets; ' +
  "let it become Node: exec, as in sh -c '…; exec node app.js'";
const TWO_COMMANDS = 'cd . && node answers-pid.mjs; true';

const refused: readonly (readonly [command: string[], advice: string])[] = [
  [['npm', 'start'], launched('npm', 'node answers-pid.mjs')],
  [['npx', '--no-install', 'tsx', 'answers-pid.ts'], launched('npx', 'node <script>')],
  [['node_modules/.bin/tsx', 'answers-pid.ts'], launched('tsx', 'node --import tsx <script>')],
  [['node', '--watch', 'answers-pid.mjs'], launched('node --watch', 'node <script>')],
  [['sh', '-c', TWO_COMMANDS], behindShell],
  [['bash', '-c', TWO_COMMANDS], behindShell],
];

describe('refused at once:', { concurrency: 2 }, () => {
  for (const [command, advice] of refused) {
    test(command.join(' '), needs(command), async (t) => {
      const words = ['--start-timeout', '1h', '--', ...command];
      const master = startSupervisor(t, words, project(t));
      assert.deepEqual(await master.exited(), { status: 1, signal: null });
      const { reason = '' } = await master.logged('rolledBack');
      assert.equal(reason.replace(/^worker 1 .* \(pid \d+\) cannot serve: /, ''), advice);
      assert.equal(master.log().filter((line) => line.level >= 50).length, 1);
      assert.doesNotMatch(master.output(), /EINVAL|EADDRINUSE/);
    });
  }
});

test('a script in place of a command is refused with the command that runs it', async (t) => {
  const words = ['dev', '--log-level', 'info', 'answers-pid.mjs'];
  const master = startSupervisor(t, words, project(t));
  const { reason } = await master.logged('rolledBack');
  assert.match(
    reason ?? '',
    /not found: answers-pid\.mjs; write: .* dev -- node answers-pid\.mjs$/,
  );
  assert.deepEqual(await master.exited(), { status: 127, signal: null });
});

const direct: readonly (readonly [what: string, ...command: string[]])[] = [
  ['CommonJS', 'node', 'answers-pid.cjs'],
  ['TypeScript by --import tsx', 'node', '--import', 'tsx', 'answers-pid.ts'],
  ['a shell that becomes Node', 'sh', '-c', 'cd . && exec node answers-pid.mjs'],
  // Not every sh becomes its last command by itself.
  ['a shell with one command', 'bash', '-c', 'node answers-pid.mjs'],
  // The helper is a Node process with the preload, and is not the app.
  ['a shell that runs another Node before', 'sh', '-c', 'node -p 1 && exec node answers-pid.mjs'],
  ['env', 'env', 'NODE_ENV=production', 'node', 'answers-pid.mjs'],
  ['a script that names node in its first line', './app'],
];

describe('works:', { concurrency: 2 }, () => {
  for (const [what, ...command] of direct) {
    test(what, needs(command), async (t) => {
      const { master, address, pid } = await startServingCommand(t, ['--', ...command], project(t));
      assert.equal(await get(address), `${pid} 1`);
      assert.equal((await master.client('reload')).status, 0);
      const { workers } = await master.settled(2);
      assert.equal(await get(address), `${workers[0]?.pid} 2`);
    });
  }
});
