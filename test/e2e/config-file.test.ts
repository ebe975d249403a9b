// A config file as the built command reads it: every kind of it, who wins over it, and who else finds it.
import assert from 'node:assert/strict';
import { existsSync, realpathSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
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

const config = JSON.stringify({ command: APP, workers: 2, name: 'shop' });
const kinds: Record<string, Files> = {
  '.json': { [JSON_NAME]: config },
  '.mjs with defineConfig': {
    'graceful-run.config.mjs': `import { defineConfig } from 'graceful-run';\nexport default defineConfig(async () => (${config}));`,
  },
  '.js of an ES module package': {
    'package.json': '{"type":"module"}',
    'graceful-run.config.js': `export default ${config};`,
  },
  '.js of a CommonJS package': {
    'package.json': '{"type":"commonjs"}',
    'graceful-run.config.js': `module.exports = ${config};`,
  },
  'package.json': { 'package.json': `{"graceful-run":${config}}` },
};

for (const [kind, files] of Object.entries(kinds)) {
  test(`${kind}: graceful-run alone runs it, and the client commands find it`, async (t) => {
    const cwd = place(t, files);
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
}

test('the command line wins over the environment, which wins over the file', async (t) => {
  const cwd = place(t, json({ command: ['no-such-command'], workers: 2, name: 'file' }));
  const rows: [args: string[], env: NodeJS.ProcessEnv, workers: number, name: string][] = [
    [[], {}, 2, 'file'],
    [[], { GRACEFUL_RUN_WORKERS: '3' }, 3, 'file'],
    [['-w', '1'], { GRACEFUL_RUN_WORKERS: '3', GRACEFUL_RUN_NAME: 'env' }, 1, 'env'],
    // As much as the default, and said all the same.
    [['-w', '1'], {}, 1, 'file'],
    [['--config', 'none'], { GRACEFUL_RUN_NAME: 'env' }, 1, 'env'],
    [[], { GRACEFUL_RUN_CONFIG: 'none' }, 1, basename(cwd)],
  ];
  for (const [args, env, workers, name] of rows) {
    const master = startSupervisor(t, [...args, '--', ...APP], { cwd, env });
    const from = args.includes('none') ? ['--config', 'none'] : [];
    await master.logged('rolledOut');
    const { stdout } = await master.client('status', '--json', ...from);
    const report = JSON.parse(stdout);
    assert.deepEqual([report.workersWanted, report.name], [workers, name], args.join(' '));
    assert.equal((await master.client('stop', ...from)).status, 0);
  }
});

test('another file by --config, and the one of --cwd', async (t) => {
  const cwd = place(t, {
    ...json({ workers: 5 }),
    'prod.json': JSON.stringify({ name: 'prod', command: APP }),
  });
  const env = { GRACEFUL_RUN_CONFIG: 'prod.json' };
  const master = startSupervisor(t, [], { cwd, env });
  const { name, workersWanted } = await served(master);
  assert.deepEqual([name, workersWanted], ['prod', 1]);
  assert.equal((await master.client('stop')).status, 0);

  const above = scratch(t);
  symlinkSync(cwd, join(above, 'current'));
  const other = startSupervisor(t, ['--cwd', 'current', '--', ...APP], {
    cwd: above,
    env: { GRACEFUL_RUN_NAME: 'other' },
  });
  assert.equal((await served(other)).workersWanted, 5);
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
    [{ control: 'run.sock' }, { control: 'dev.sock' }, 'run.sock or dev.sock'],
    [{ control: 'none' }, { control: 'dev.sock' }, 'dev.sock'],
  ];
  for (const [config, dev, absent] of rows) {
    const cwd = place(t, json({ ...config, command: APP, dev: { ...dev, logLevel: 'info' } }));
    const env = { XDG_RUNTIME_DIR: scratch(t) };
    const master = startSupervisor(t, ['dev'], { cwd, env });
    assert.equal((await served(master)).pid, master.pid);
    assert.equal((await master.client('reload')).status, 0);
    if (absent !== 'dev.sock') {
      const other = startSupervisor(t, [], { cwd, env });
      await other.logged('rolledOut');
      assert.equal((await other.status()).pid, other.pid, 'the one of the run comes first');
      assert.equal((await other.client('stop')).status, 0);
      await other.exited();
    }
    assert.equal((await master.status()).pid, master.pid);
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
  const mjs = 'graceful-run.config.mjs';
  const rows: [files: Files, said: string | RegExp][] = [
    [
      { [mjs]: 'export default { drainTimout: "2s" }' },
      `${mjs}: unknown key 'drainTimout'; did you mean drainTimeout?`,
    ],
    [json({ drainTimeout: true }), `${JSON_NAME}: drainTimeout: true is not a time`],
    [
      { ...json({}), 'package.json': '{"graceful-run":{}}' },
      `${JSON_NAME} and package.json#graceful-run: only one of them can hold the config; remove the other, or choose with --config`,
    ],
    [
      { [JSON_NAME]: '{\n "a": 1,\n}' },
      new RegExp(`^graceful-run: ${JSON_NAME}: .+ in JSON at position 11`),
    ],
    [{ [mjs]: '\n\nthrow new Error("no luck");' }, `${mjs}:3: no luck`],
    [
      json({ name: 'a/b' }),
      `${JSON_NAME}: name 'a/b': use up to 64 letters, digits, '-', '_', '.', '@'`,
    ],
  ];
  for (const [files, said] of rows) {
    const cwd = place(t, files);
    const started = join(cwd, 'started');
    for (const args of [
      ['--', 'touch', started],
      ['status'],
      ['unit', '--user', 'www', '--', 'x'],
    ]) {
      const { status, stdout, stderr } = await run(cwd, args);
      assert.deepEqual([status, stdout], [2, ''], args.join(' '));
      const line = stderr.split('\n').at(-2) ?? '';
      if (typeof said === 'string') assert.equal(line, `graceful-run: ${said}`);
      else assert.match(line, said);
    }
    assert.equal(existsSync(started), false);
  }
  // The meaning of a value is told of the file too, unless somebody else gave it.
  const cwd = place(t, json({ drainTimeout: 'soon', listen: ':99999', command: 'x' }));
  assert.match(
    (await run(cwd, ['-l', ':0'])).stderr,
    /^graceful-run: \S+\.json: drainTimeout: 'soon' is not a time/,
  );
  assert.match(
    (await run(cwd, ['--drain-timeout', '1'])).stderr,
    /^graceful-run: \S+\.json: listen ':99999': /,
  );
  assert.match(
    (await run(cwd, ['-l', ':0', '--drain-timeout', 'x'])).stderr,
    /^graceful-run: --drain-timeout: 'x'/,
  );
});

test('a file that wants no control socket leaves none to ask', async (t) => {
  const { status, stderr } = await run(place(t, json({ control: 'none' })), ['status']);
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^graceful-run: graceful-run\.config\.json: control none: there is no socket/,
  );
});

test('without a command in it there is nothing to run', async (t) => {
  const { status, stderr } = await run(place(t, json({ workers: 2 })), []);
  assert.equal(status, 2);
  assert.equal(stderr, 'graceful-run: which command should run? (graceful-run -- node app.js)\n');
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
  // As if all had been given.
  const other = await run(cwd, [
    'unit',
    '--user',
    'www',
    '--config',
    'none',
    '--name',
    'shop',
    '--drain-timeout',
    '1m',
    '--kill-timeout',
    '5',
    '--',
    node,
    'app.js',
  ]);
  assert.equal(found.TimeoutStopSec, settings(other.stdout).TimeoutStopSec);
  const sockets = await run(cwd, ['unit', '--user', 'www', '--socket']);
  assert.match(sockets.stdout, /^ListenStream=\S*8080$/m);
  assert.match(settings(sockets.stdout).ExecStart ?? '', / --name shop --cwd \S+$/);

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
