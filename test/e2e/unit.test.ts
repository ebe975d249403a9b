// `graceful-run unit` as a user runs it: what is printed and installed, with which warnings and errors.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { bin, node } from '../helpers/paths.js';
import { cleanEnvironment, runCommand, scratch } from '../helpers/supervisor.js';
import { complaints, systemdHere, withoutSystemd } from '../helpers/systemd/systemd.js';
import { settings } from '../helpers/systemd/unit-request.js';

interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

function unit(
  t: TestContext,
  args: readonly string[],
  { cwd = scratch(t), env = {} }: Surroundings = {},
) {
  const around = { ...cleanEnvironment(), PWD: cwd, ...env };
  return runCommand(['unit', '--user', 'www', ...args], { cwd, env: around });
}

test('the unit has the command, the directory with its link, and the options that were given', async (t) => {
  const base = scratch(t);
  const cwd = join(base, 'current');
  mkdirSync(join(base, 'release-1'));
  symlinkSync('release-1', cwd);
  const options = [
    '-l',
    'web=:8080',
    '--name',
    'shop',
    '-w2',
    '--record',
    'e',
    '--max-draining=4',
    '--inspect',
  ];
  const args = [...options, '--', node, 'my app.js', '--port', '$PORT'];
  const env = { GRACEFUL_RUN_DRAIN_TIMEOUT: '1m', GRACEFUL_RUN_LISTEN: 'ignored' };
  const { status, stdout } = await unit(t, args, { cwd, env });
  assert.equal(status, 0);
  const found = settings(stdout);
  assert.equal(found.WorkingDirectory, cwd);
  assert.equal(found.ReadWritePaths, base);
  assert.equal(found.TimeoutStopSec, '80');
  const own = `${realpathSync(node)} ${bin}`;
  const master = `${realpathSync(node)} ${V8_FLAGS.join(' ')} ${bin}`;
  assert.equal(
    found.ExecStart,
    `${master} --name shop --cwd ${cwd} --listen web=:8080 --workers 2 --drain-timeout 1m --max-draining 4 --inspect --record e -- ${node} "my app.js" --port $$PORT`,
  );
  assert.equal(found.ExecReload, `${own} reload --name shop`);
});

test('systemd accepts the printed unit without a warning', { skip: withoutSystemd }, async (t) => {
  const { stdout } = await unit(t, ['--name', 'shop', '--', node, 'app.js']);
  assert.match(
    stdout,
    new RegExp(`^# shop.service, by graceful-run \\S+ for systemd ${systemdHere}\\.`),
  );
  assert.deepEqual(complaints(t, [{ name: 'shop.service', text: stdout }]), []);
});

test('without systemd the unit is made for an assumed version, with a warning', async (t) => {
  const env = { PATH: scratch(t) };
  const { stdout, stderr } = await unit(t, ['--', node, 'app.js'], { env });
  assert.match(
    stderr,
    /^graceful-run: no systemd is installed here; the unit is for version 252 and newer$/m,
  );
  assert.match(stdout, /for systemd 252\./);
});

test('the directory of a command that systemd would not find is added to PATH', async (t) => {
  const cwd = scratch(t);
  const own = join(cwd, 'own bin');
  mkdirSync(own);
  writeFileSync(join(own, 'serve'), '#!/bin/sh\n', { mode: 0o755 });
  const env = { PATH: `${own}:${process.env.PATH}` };
  const found = settings((await unit(t, ['serve'], { cwd, env })).stdout);
  assert.match(found.ExecStart ?? '', / -- serve$/);
  assert.match(found.Environment ?? '', /^"PATH=.*\/own bin:.*\/usr\/bin:\/sbin:\/bin"$/);

  const absent = await unit(t, ['--', 'no-such-command'], { cwd });
  assert.equal(absent.status, 0);
  assert.match(absent.stderr, /command not found: no-such-command; the unit is made all the same/);
});

test('doubtful accounts are reported, and the unit is made', async (t) => {
  const args = ['unit', '--name', 'a', '--', node, 'app.js'];
  const cwd = scratch(t);
  const run = (...more: string[]) =>
    runCommand([args[0] ?? '', ...more, ...args.slice(1)], { cwd, env: cleanEnvironment() });
  if (process.getuid?.() === 0) assert.match((await run()).stderr, /will run as root; better/);
  const absent = await run('--user', 'no-such-user');
  assert.match(absent.stderr, /there is no user no-such-user here; `useradd --system/);
  assert.equal(absent.status, 0);
  const dynamic = await run('--dynamic-user');
  assert.match(
    dynamic.stderr,
    /a dynamic user has a \/tmp of its own, in which \S+ does not exist/,
  );
  assert.equal(settings(dynamic.stdout).DynamicUser, 'yes');
});

test('what a unit cannot have is refused with status 2', async (t) => {
  const rows: [args: string[], said: RegExp][] = [
    [['--wrokers', '2', '--', 'x'], /unknown option '--wrokers'/],
    [
      ['--name', 'shop.service', '--', 'x'],
      /--name 'shop.service' cannot name a unit.*\(--name shop\)/,
    ],
    [['--control', 'none', '--', 'x'], /--control none: `systemctl reload` needs/],
    [['--socket', '--', 'x'], /--socket: systemd has to know what to open.*--listen :3000/],
    [['--user', 'a b', '--', 'x'], /--user 'a b' is not the name of a user/],
    [['--group', 'a:b', '--', 'x'], /--group 'a:b' is not the name of a group/],
    [['--force', '--', 'x'], /--force goes with --install/],
    [['--dynamic-user', '--', 'x'], /'--dynamic-user' cannot be used with option '--user <name>'/],
  ];
  for (const [args, said] of rows) {
    const { status, stdout, stderr } = await unit(t, args);
    assert.match(stderr, said, args.join(' '));
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
  }
});

test('--install writes the files, reports what to run next, and overwrites only with --force', async (t) => {
  const cwd = scratch(t);
  const directory = scratch(t);
  const args = ['--install', '--directory', directory, '--name', 'shop', '--socket'];
  const command = ['-l', ':8080', '-l', 'admin=:8081', '--', node, 'app.js'];
  const { status, stdout } = await unit(t, [...args, ...command], { cwd });
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
  const again = await unit(t, [...args, ...command], { cwd });
  assert.match(again.stdout, new RegExp(`^unchanged: ${directory}/shop.socket$`, 'm'));
  const other = await unit(t, [...args, '-w', '2', ...command], { cwd });
  assert.equal(other.status, 1);
  assert.match(other.stderr, /shop\.service is there and differs; nothing was written .*--force/);
  assert.equal((await unit(t, [...args, '--force', '-w', '2', ...command], { cwd })).status, 0);
  assert.match(readFileSync(join(directory, 'shop.service'), 'utf8'), / --workers 2 /);
});

test('a user who may not write the files is told the command for root', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can become another user');
  const cwd = scratch(t);
  const directory = scratch(t);
  chmodSync(cwd, 0o755);
  chmodSync(directory, 0o755);
  const entry = new URL('../../src/cli/main.js', import.meta.url).href;
  const options = ['--install', '--directory', directory, '--socket', '-l', ':80'];
  const args = ['unit', ...options, '--', 'node', "it's"];
  // Loaded by root, because other users may not be able to read these files; run by another user.
  const script = `import { main } from ${JSON.stringify(entry)}; await import(${JSON.stringify(entry.replace('main.js', 'unit-command.js'))});
    process.setgid(65534); process.setuid(65534); await main(${JSON.stringify(args)});`;
  const env = { ...cleanEnvironment(), PWD: cwd };
  const { status, stderr } = spawnSync(node, ['--input-type=module', '-e', script], {
    cwd,
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  // Not root, which is who would run it now.
  assert.doesNotMatch(stderr, /--user (root|0) /);
  const [, command = ''] = /EACCES: permission denied \((sudo .*)\)$/m.exec(stderr) ?? [];
  assert.equal(
    command.replace(/ --user \S+/, ''),
    `sudo env "PATH=$PATH" ${realpathSync(node)} ${bin} unit --install --directory ${directory} --socket --name ${basename(cwd)} --cwd ${cwd} --listen :80 -- node 'it'\\''s'`,
  );
});
