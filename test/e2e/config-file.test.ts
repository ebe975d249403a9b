// A config file as the built command reads it: every kind of it, who wins over it, and who else finds it.
import assert from 'node:assert/strict';
import { existsSync, realpathSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { bin, fixture, node, root } from '../helpers/paths.js';
import { cleanEnvironment, runCommand, scratch, startSupervisor } from '../helpers/supervisor.js';
import { settings } from '../helpers/systemd/unit-request.js';
import { served } from '../helpers/wait-generation.js';

type Files = Readonly<Record<string, string>>;

const APP = [node, fixture('answers-pid.mjs')];
const JSON_NAME = 'graceful-run.config.json';

function place(t: TestContext, files: Files): string {
  const cwd = realpathSync(scratch(t));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

const json = (config: object): Files => ({ [JSON_NAME]: JSON.stringify(config) });

/** Runs the command to its end; for what does not start a master. */
function run(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return runCommand(args, { cwd, env: { ...cleanEnvironment(), PWD: cwd, ...env } });
}

test('graceful-run alone runs what the file says, and the client commands find it', async (t) => {
  const config = JSON.stringify({ command: APP, workers: 2, name: 'shop' });
  const text = `import { defineConfig } from 'graceful-run';\nexport default defineConfig(async () => (${config}));`;
  const cwd = place(t, { 'graceful-run.config.mjs': text });
  await mkdir(join(cwd, 'node_modules'));
  symlinkSync(root, join(cwd, 'node_modules/graceful-run'));
  const master = startSupervisor(t, [], { cwd });
  const { name, workersWanted } = await served(master);
  assert.deepEqual([name, workersWanted], ['shop', 2]);
  assert.equal((await master.client('reload')).status, 0);
  assert.equal((await master.settled(2)).workersWanted, 2);
  assert.equal((await master.client('stop')).status, 0);
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
});

test('the client commands find the control socket and the directory that the file sets', async (t) => {
  const cwd = place(t, json({ cwd: 'app', command: APP, control: 'my.sock' }));
  await mkdir(join(cwd, 'app'));
  const master = startSupervisor(t, [], { cwd });
  assert.equal((await served(master)).name, 'app');
  assert.equal((await run(cwd, ['status', '--control', 'app/my.sock'])).status, 0);
  // An instance that is called by its name is not the one of the file.
  const elsewhere = await master.client('status', '--name', 'app');
  assert.equal(elsewhere.status, 3);

  // A file that was broken meanwhile is in nobody's way who says which instance is meant.
  writeFileSync(join(cwd, JSON_NAME), '{');
  assert.equal((await master.client('stop')).status, 2);
  assert.equal((await master.client('stop', '--control', 'app/my.sock')).status, 0);
});

test('the client commands find what the file sets for dev, behind what it sets for the run', async (t) => {
  const rows: [config: object, dev: object, absent: string][] = [
    [{ name: 'shop' }, { name: 'shop-dev' }, 'named shop or named shop-dev'],
    [{ control: 'none' }, { control: 'dev.sock' }, 'dev.sock'],
  ];
  for (const [config, dev, absent] of rows) {
    const cwd = place(t, json({ ...config, command: APP, dev: { ...dev, logLevel: 'info' } }));
    const env = { XDG_RUNTIME_DIR: scratch(t) };
    const master = startSupervisor(t, ['dev'], { cwd, env });
    assert.equal((await served(master)).pid, master.pid);
    if ('name' in config) {
      const other = startSupervisor(t, [], { cwd, env });
      await other.logged('rolledOut');
      assert.equal((await other.status()).pid, other.pid, 'the one of the run comes first');
      assert.equal((await other.client('stop')).status, 0);
      await other.exited();
    }
    assert.equal((await master.client('stop')).status, 0);
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
    const { status, stderr } = await master.client('status');
    assert.equal(status, 3);
    assert.ok(stderr.startsWith(`graceful-run: no running instance ${absent} (`), stderr);
  }
});

test('a file that keeps something open keeps no command from its end', async (t) => {
  const cwd = place(t, {
    'graceful-run.config.mjs': `setInterval(() => {}, 1000);
import('node:net').then(({ createServer }) => createServer().listen(0, '127.0.0.1'));
export default ${JSON.stringify({ name: 'shop', command: APP })};`,
  });
  const master = startSupervisor(t, [], { cwd });
  await served(master);
  assert.equal((await master.client('reload')).stdout, 'generation 2 serves\n');
  assert.equal((await master.client('scale', '2')).status, 0);
  const unit = await master.client('unit', '--user', 'www');
  assert.equal(unit.status, 0);
  assert.match(settings(unit.stdout).ExecStart ?? '', / --name shop /);
  assert.equal((await master.client('stop')).status, 0);
  assert.deepEqual(await master.exited(), { status: 0, signal: null });
});

test('the file is read once: a reload does not look at it', async (t) => {
  const cwd = place(t, json({ workers: 2, control: 'c.sock' }));
  const master = startSupervisor(t, ['--', ...APP], { cwd });
  await master.logged('rolledOut');
  unlinkSync(join(cwd, JSON_NAME));
  const { status } = await master.client('reload', '--control', 'c.sock');
  assert.equal(status, 0);
  const { stdout } = await master.client('status', '--json', '--control', 'c.sock');
  assert.equal(JSON.parse(stdout).workersWanted, 2);
});

test('what is wrong with it ends every command before anything starts', async (t) => {
  const cwd = place(t, json({ drainTimout: '2s' }));
  const started = join(cwd, 'started');
  for (const args of [['--', 'touch', started], ['status'], ['unit', '--user', 'www', '--', 'x']]) {
    const { status, stdout, stderr } = await run(cwd, args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(
      stderr,
      /^graceful-run: \S+\.json: unknown key 'drainTimout'; did you mean drainTimeout\?$/m,
    );
  }
  assert.equal(existsSync(started), false);
});

test('a file that wants no control socket leaves none to ask', async (t) => {
  const { status, stderr } = await run(place(t, json({ control: 'none' })), ['status']);
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^graceful-run: graceful-run\.config\.json: control none: there is no socket/,
  );
});

test('a unit relies on the file: it repeats nothing, and decides by what it says', async (t) => {
  const cwd = place(
    t,
    json({
      command: [node, 'app.js'],
      name: 'shop',
      workers: 2,
      drainTimeout: '1m',
      killTimeout: 5,
      listen: ['web=:8080'],
      control: 'run/shop.sock',
    }),
  );
  const own = `${realpathSync(node)} ${bin}`;
  const master = `${realpathSync(node)} ${V8_FLAGS.join(' ')} ${bin}`;
  const { status, stdout } = await run(cwd, ['unit', '--user', 'www']);
  assert.equal(status, 0);
  const found = settings(stdout);
  assert.equal(found.ExecStart, `${master} --name shop --cwd ${cwd}`);
  assert.equal(found.WorkingDirectory, cwd);
  assert.equal(found.ExecReload, `${own} reload --name shop --control ${cwd}/run/shop.sock`);
  // What was given here is repeated, and wins there too.
  const given = await run(cwd, ['unit', '--user', 'www', '-w', '3', '--', node, 'other.js']);
  assert.equal(
    settings(given.stdout).ExecStart,
    `${master} --name shop --cwd ${cwd} --workers 3 -- ${node} other.js`,
  );
});

test('a unit for another file names it by its whole path', async (t) => {
  const cwd = place(t, { 'prod.json': JSON.stringify({ command: [node, 'app.js'] }) });
  const env = { GRACEFUL_RUN_CONFIG: 'prod.json' };
  const { stdout } = await run(cwd, ['unit', '--user', 'www', '--name', 'shop'], env);
  assert.match(
    settings(stdout).ExecStart ?? '',
    new RegExp(` --cwd ${cwd} --config ${cwd}/prod.json$`),
  );
  const none = await run(
    cwd,
    ['--config', 'none', 'unit', '--user', 'www', '--name', 'shop', 'x'],
    env,
  );
  assert.match(settings(none.stdout).ExecStart ?? '', / --config none -- x$/);
});
