// `graceful-run unit` as a user runs it: what is printed and installed, with which warnings and errors.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { bin, node, root } from '../helpers/paths.js';
import { cleanEnvironment, runCommand, scratch } from '../helpers/supervisor.js';
import { systemdHere } from '../helpers/systemd/systemd.js';
import { settings } from '../helpers/systemd/unit-request.js';

function unit(
  t: TestContext,
  args: readonly string[],
  variables: NodeJS.ProcessEnv = {},
  cwd = scratch(t),
) {
  const env = { ...cleanEnvironment(), PWD: cwd, ...variables };
  return runCommand(['unit', '--user', 'www', ...args], { cwd, env });
}

test('the unit has the command, the directory with its link, and the options that were given', async (t) => {
  const base = scratch(t);
  const cwd = join(base, 'current');
  mkdirSync(join(base, 'release-1'));
  symlinkSync('release-1', cwd);
  const options = '-l web=:8080 --name shop -w2 --record e --max-draining=4 --inspect'.split(' ');
  const args = [...options, '--', node, 'my app.js', '--port', '$PORT'];
  const env = {
    GRACEFUL_RUN_DRAIN_TIMEOUT: '1m',
    GRACEFUL_RUN_LISTEN: 'ignored',
    GRACEFUL_RUN_ENV_FILE: '.env',
  };
  const { status, stdout } = await unit(t, args, env, cwd);
  assert.equal(status, 0);
  const found = settings(stdout);
  assert.equal(found.WorkingDirectory, cwd);
  assert.equal(found.ReadWritePaths, base);
  assert.equal(found.TimeoutStopSec, '80');
  const own = `${realpathSync(node)} ${bin}`;
  // The `--`: Node must not read the env file itself.
  const master = `${realpathSync(node)} ${V8_FLAGS.join(' ')} -- ${bin}`;
  assert.equal(
    found.ExecStart,
    `${master} --name shop --cwd ${cwd} --listen web=:8080 --workers 2 --drain-timeout 1m --max-draining 4 --env-file .env --inspect --record e -- ${node} "my app.js" --port $$PORT`,
  );
  assert.equal(found.ExecReload, `${own} reload --name shop`);
});

test('the unit is for the systemd that is installed, or else for version 252', async (t) => {
  const none = await unit(t, ['--', node, 'app.js'], { PATH: scratch(t) });
  assert.match(none.stdout, /^# \S+\.service, by graceful-run \S+ for systemd 252\.$/m);
  if (systemdHere === 0) return;
  const { stdout } = await unit(t, ['--', node, 'app.js']);
  assert.match(stdout, new RegExp(` for systemd ${systemdHere}\\.$`, 'm'));
});

test('the directory of a command that systemd would not find is added to PATH', async (t) => {
  const own = join(scratch(t), 'own bin');
  mkdirSync(own);
  writeFileSync(join(own, 'serve'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { PATH: `${own}:${process.env.PATH}` };
  const found = settings((await unit(t, ['serve'], env)).stdout);
  assert.match(found.ExecStart ?? '', / -- serve$/);
  assert.match(found.Environment ?? '', /^"PATH=.*\/own bin:.*\/usr\/bin:\/sbin:\/bin"$/);
});

test('doubtful requests are reported, and the unit is made', async (t) => {
  const absent = await unit(t, ['--', 'no-such-command']);
  assert.equal(absent.status, 0);
  assert.match(absent.stderr, /command not found: no-such-command; the unit is made all the same/);

  const base = scratch(t);
  const copy = '_npx/1/node_modules/graceful-run';
  for (const file of ['package.json', 'bin', 'dist/src/graceful-run.cjs']) {
    cpSync(join(root, file), join(base, 'release-1', copy, file), { recursive: true });
  }
  const cwd = join(base, 'current');
  symlinkSync('release-1', cwd);
  const env = { ...cleanEnvironment(), PWD: cwd };
  const args = ['unit', '--name', 'a', '--dynamic-user', '--', node, 'app.js'];
  const npx = spawnSync(`${copy}/bin/graceful-run.js`, args, { cwd, env, encoding: 'utf8' });
  assert.match(npx.stderr, /graceful-run itself is in a temporary directory, .*; install it where/);
  const { DynamicUser, ExecReload = '' } = settings(npx.stdout);
  assert.equal(DynamicUser, 'yes');
  // Through the link: the present release will be removed.
  assert.match(ExecReload, new RegExp(` ${cwd}/${copy}/bin/graceful-run.js reload `));

  if (process.getuid?.() !== 0) return;
  const ofRoot = await runCommand(['unit', '--', node, 'app.js'], { cwd, env });
  assert.match(ofRoot.stderr, /will run as root; better/);
});

test('what a unit cannot have is refused with status 2', async (t) => {
  const rows: [args: string[], said: RegExp][] = [
    [
      ['--name', 'a.service', '--', 'x'],
      /--name 'a\.service' cannot name a unit.*\(.*--name shop\)/,
    ],
    [['--control', 'none', '--', 'x'], /--control none: `systemctl reload` needs/],
    [['--socket', '--', 'x'], /--socket: systemd has to know what to open.*--listen :3000/],
    [['--directory', '.', '--', 'x'], /--directory goes with --install/],
  ];
  for (const [args, said] of rows) {
    const { status, stdout, stderr } = await unit(t, args);
    assert.match(stderr, said, args.join(' '));
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
  }
});

test('--install writes the files, and reports what to run next', async (t) => {
  const directory = scratch(t);
  const options = ['--install', '--directory', directory, '--name', 'shop', '--socket'];
  const listen = ['-l', ':8080', '-l', 'admin=:8081'];
  const { status, stdout } = await unit(t, [...options, ...listen, '--', node, 'app.js']);
  assert.equal(status, 0);
  const names = ['shop.socket', 'shop-admin.socket', 'shop.service'];
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    ...names.map((name) => `wrote ${directory}/${name}`),
    '',
    'Next:',
    '  systemctl daemon-reload',
    `  systemctl enable --now ${names.join(' ')}`,
    '  systemctl reload shop    # after each deploy; fails when the new code does not serve',
    '  graceful-run status --name shop',
  ]);
  assert.deepEqual(readdirSync(directory).sort(), [...names].sort());
});
