// Commands that start the app as another process are refused at once, with one line of advice; similar commands, in which
// Node becomes the worker itself, work.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { addressOf, get } from '../../helpers/client.js';
import { eventually } from '../../helpers/eventually.js';
import { fixture, node, root } from '../../helpers/paths.js';
import { refusesRelease } from '../../helpers/releases/release.js';
import { scratch, startSupervisor } from '../../helpers/supervisor.js';
import { served } from '../../helpers/wait-generation.js';

const scripts = {
  start: 'node answers-pid.mjs',
  dev: 'tsx watch answers-pid.ts',
};

/** A project as its developer has it, with packages installed. */
function project(t: TestContext): string {
  const directory = scratch(t);
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  for (const name of ['answers-pid.mjs', 'answers-pid.cjs', 'answers-pid.ts']) {
    copyFileSync(fixture(name), join(directory, name));
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module', scripts }));
  return directory;
}

/** npm without network, and without a trace outside of the test. */
function environment(t: TestContext): NodeJS.ProcessEnv {
  return {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    npm_config_cache: scratch(t),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
}

const launchers: readonly (readonly [command: string[], launcher: string, instead: string])[] = [
  [['npm', 'start'], 'npm', 'node answers-pid.mjs'],
  [['npm', 'run', 'dev'], 'npm', `node <script> (the script of package.json is: ${scripts.dev})`],
  [['npx', '--no-install', 'tsx', 'answers-pid.ts'], 'npx', 'node <script>'],
  [['node_modules/.bin/tsx', 'answers-pid.ts'], 'tsx', 'node --import tsx <script>'],
  [['node', '--watch', 'answers-pid.mjs'], 'node --watch', 'node <script>'],
];

describe('refused at once:', { concurrency: 2 }, () => {
  for (const [command, launcher, instead] of launchers) {
    test(command.join(' '), async (t) => {
      await isRefused(
        t,
        command,
        `${launcher} runs the app as a process of its own, which cannot be handed sockets; ` +
          `write instead: graceful-run -- ${instead}`,
      );
    });
  }

  for (const shell of ['sh', 'bash']) {
    test(`${shell} with something left to do`, async (t) => {
      if (spawnSync(shell, ['-c', ':']).error) return t.skip(`needs ${shell}`);
      await isRefused(
        t,
        [shell, '-c', 'cd . && node answers-pid.mjs; true'],
        'a program between graceful-run and Node keeps the app from being handed sockets; ' +
          "let it become Node: exec, as in sh -c '…; exec node app.js'",
      );
    });
  }
});

test('a script in place of a command is refused with the command that runs it', async (t) => {
  const options = ['dev', '--log-level', 'info'];
  const around = { cwd: project(t), env: environment(t) };
  const master = startSupervisor(t, [...options, 'answers-pid.mjs'], around);
  const { reason } = await master.logged('rolledBack');
  const advice =
    'command not found: answers-pid.mjs; write: graceful-run dev -- node answers-pid.mjs';
  assert.ok(reason?.endsWith(`: ${advice}`), reason);
  assert.deepEqual(await master.exited(), { status: 127, signal: null });
});

/** The master exits with 1 and one error, long before any timeout, and nothing is left of the launcher. */
async function isRefused(t: TestContext, command: string[], advice: string): Promise<void> {
  const mark = `MARK=${t.name} ${process.pid}`;
  const env = { ...environment(t), MARK: mark.slice(5) };
  const master = startSupervisor(t, ['--start-timeout', '1h', '--', ...command], {
    cwd: project(t),
    env,
  });
  assert.deepEqual(await master.exited(), { status: 1, signal: null });
  const { reason = '' } = await master.logged('rolledBack');
  assert.equal(reason.replace(/^worker 1 of generation 1 \(pid \d+\) cannot serve: /, ''), advice);
  assert.equal(master.log().filter((line) => line.level >= 50).length, 1);
  assert.doesNotMatch(master.output(), /EINVAL|EADDRINUSE/);
  await eventually(
    'nothing is left of it',
    () => marked(mark),
    (left) => left.length === 0,
  );
}

/** Processes with this in their environment. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
    } catch {
      return false;
    }
  });
}

test('a release that puts a shell in between is refused after one that did not', async (t) => {
  const cwd = project(t);
  const script = join(cwd, 'run.sh');
  const deploy = (line: string) => {
    writeFileSync(script, `#!/bin/sh\n${line}\n`);
    chmodSync(script, 0o755);
  };
  deploy('exec node answers-pid.mjs');
  const master = startSupervisor(t, ['--', './run.sh'], { cwd, env: environment(t) });
  const reason = /a program between graceful-run and Node keeps/;
  await refusesRelease(
    master,
    { cause: 'cannotServe', reason },
    {
      spoil: () => deploy('node answers-pid.mjs\ntrue'),
      repair: () => deploy('exec node answers-pid.mjs'),
    },
  );
});

const direct: readonly (readonly [what: string, ...command: string[]])[] = [
  ['ESM', 'node', 'answers-pid.mjs'],
  ['CommonJS', 'node', 'answers-pid.cjs'],
  ['TypeScript by --import tsx', 'node', '--import', 'tsx', 'answers-pid.ts'],
  ['a shell that becomes Node', 'sh', '-c', 'cd . && exec node answers-pid.mjs'],
  // Not every sh becomes its last command by itself.
  ['a shell with one command', 'bash', '-c', 'node answers-pid.mjs'],
  ['env', 'env', 'NODE_ENV=production', 'node', 'answers-pid.mjs'],
  ['a script that names node in its first line', './app'],
];

describe('works:', { concurrency: 2 }, () => {
  for (const [what, ...command] of direct) {
    test(what, async (t) => {
      if (command[0] === 'bash' && spawnSync('bash', ['-c', ':']).error)
        return t.skip('needs bash');
      const cwd = project(t);
      writeFileSync(join(cwd, 'app'), "#!/usr/bin/env node\nimport './answers-pid.mjs';\n");
      chmodSync(join(cwd, 'app'), 0o755);
      const master = startSupervisor(t, ['--', ...command], { cwd, env: environment(t) });
      const before = await served(master);
      const address = addressOf(before);
      assert.equal(await get(address), `${before.workers[0]?.pid} 1`);
      assert.equal((await master.client('reload')).status, 0);
      const after = await master.settled(2);
      assert.equal(await get(address), `${after.workers[0]?.pid} 2`);
    });
  }
});
