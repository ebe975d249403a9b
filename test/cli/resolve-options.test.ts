// From raw flags to complete options: defaults, names, places, and one clear line for what is wrong.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  DEFAULTS,
  DEV_DEFAULTS,
  instanceName,
  logicalDirectory,
  type RawOptions,
  toRunOptions,
} from '../../src/cli/resolve-options.js';
import { UsageError } from '../../src/errors.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { scratch } from '../helpers/supervisor.js';

const around = { env: { XDG_RUNTIME_DIR: '/run/user/7' }, uid: 7, version: '1.2.3' };

function options(raw: Partial<RawOptions>, words = ['node', 'app.js'], env = {}) {
  return toRunOptions(
    { ...DEFAULTS, ...raw },
    words,
    {
      ...around,
      env: { ...around.env, ...env },
    },
    null,
  );
}

/** Makes `directory` the working directory for the time of a test. */
function enter(t: TestContext, directory: string): void {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(directory);
}

test('the defaults', (t) => {
  const cwd = join(scratch(t), 'my app');
  mkdirSync(cwd);
  enter(t, cwd);
  const { backoff, ...policy } = options({}).policy;
  assert.deepEqual(
    { ...options({}), policy },
    {
      command: 'node',
      args: ['app.js'],
      listen: [],
      workers: 1,
      ready: { how: 'auto' },
      policy: {
        startTimeout: 30_000,
        startCeiling: 300_000,
        watchdog: 0,
        overlap: 75,
        busyOverlap: 500,
        waitForChange: false,
        putOffFor: 10_000,
        drainTimeout: 30_000,
        killTimeout: 10_000,
        killRepeat: 1000,
        maxCrashes: 0,
      },
      stopSignal: 'SIGTERM',
      name: 'my-app',
      control: '/run/user/7/graceful-run/my-app.sock',
      cwd,
      ...around,
      watch: null,
      dev: false,
      envFiles: [],
      inspect: null,
      logLevel: 'info',
      logFormat: 'auto',
      configFile: null,
      output: 'inherit',
    },
  );
  assert.ok(backoff.base > 0 && backoff.ceiling > backoff.base);
});

test('what is asked for', () => {
  const asked = options({
    listen: ['web=:80', 'unix:run/a.sock?for=./a.sock'],
    workers: 'max',
    ready: 'after:2s',
    startTimeout: '5m',
    drainTimeout: '0',
    killTimeout: '500ms',
    stopSignal: 'quit',
    maxCrashes: '7',
    name: 'web@1',
    control: 'none',
    cwd: '/srv/app',
    envFile: ['.env', '/etc/app.env'],
    logLevel: 'debug',
    logFormat: 'json',
    output: 'prefix',
  });
  const [web, unix] = asked.listen;
  assert.deepEqual(web, parseListenSpec('web=:80'));
  // From the directory of the app; what the app calls it is left as it is.
  assert.deepEqual(unix?.address, { kind: 'unix', path: '/srv/app/run/a.sock' });
  assert.deepEqual(unix?.for, { path: './a.sock' });
  assert.equal(asked.workers, Math.min(availableParallelism(), 1024));
  const { startTimeout, drainTimeout, killTimeout, maxCrashes } = asked.policy;
  assert.deepEqual([startTimeout, drainTimeout, killTimeout, maxCrashes], [300_000, 0, 500, 7]);
  assert.deepEqual(
    [asked.ready, asked.stopSignal, asked.name, asked.control, asked.cwd],
    [{ how: 'after', ms: 2000 }, 'SIGQUIT', 'web@1', null, '/srv/app'],
  );
  // Resolved when they are read: a link in the directory may lead elsewhere by then.
  assert.deepEqual(asked.envFiles, ['.env', '/etc/app.env']);
  assert.deepEqual([asked.logLevel, asked.logFormat, asked.output], ['debug', 'json', 'prefix']);
});

test('the command of a config file counts where none was given', () => {
  const config = { path: '/srv/graceful-run.config.json', words: ['node', 'own.js'] };
  const run = (words: string[]) => toRunOptions(DEFAULTS, words, around, config);
  const rows: [words: string[], command: string, args: string[]][] = [
    [[], 'node', ['own.js']],
    [['tsx'], 'tsx', []],
  ];
  for (const [words, command, args] of rows) {
    const found = run(words);
    assert.deepEqual([found.command, found.args, found.configFile], [command, args, config.path]);
  }
  // An empty word was given, too.
  assert.throws(() => run(['']), { name: 'UsageError' });
});

test('where the control socket is', () => {
  const rows: [raw: Partial<RawOptions>, env: NodeJS.ProcessEnv, path: string | null][] = [
    [{ name: 'a' }, {}, '/run/user/7/graceful-run/a.sock'],
    [{ cwd: '/srv/b.c' }, {}, '/run/user/7/graceful-run/b.c.sock'],
    [{ name: 'a' }, { XDG_RUNTIME_DIR: '' }, '/tmp/graceful-run-7/a.sock'],
    [{ name: 'a' }, { RUNTIME_DIRECTORY: '/run/x' }, '/run/x/graceful-run/a.sock'],
    [{ control: '/a/./b.sock', cwd: '/srv' }, {}, '/a/b.sock'],
    [{ control: 'c.sock', cwd: '/srv' }, {}, '/srv/c.sock'],
    [{ control: './none', cwd: '/srv' }, {}, '/srv/none'],
    [{ control: 'none' }, {}, null],
  ];
  for (const [raw, env, path] of rows) assert.equal(options(raw, ['x'], env).control, path);
});

test('the working directory keeps the name by which the user came there', (t) => {
  const root = scratch(t);
  const release = join(root, 'release-1');
  mkdirSync(join(release, 'sub'), { recursive: true });
  mkdirSync(join(root, 'other'));
  symlinkSync('release-1', join(root, 'current'));
  enter(t, release);
  const rows: [pwd: string | undefined, directory: string][] = [
    [join(root, 'current'), join(root, 'current')],
    [release, release],
    [undefined, release],
    ['', release],
    // A leftover, of a program that changed its directory and not its PWD.
    [join(root, 'other'), release],
    [join(root, 'gone'), release],
    ['release-1', release],
  ];
  for (const [pwd, directory] of rows) {
    const env = pwd === undefined ? {} : { PWD: pwd };
    assert.equal(logicalDirectory(env), directory, String(pwd));
  }
  const { cwd, name } = options({ cwd: 'sub' }, ['x'], { PWD: join(root, 'current') });
  assert.deepEqual([cwd, name], [join(root, 'current/sub'), 'sub']);
});

test('names of instances', () => {
  const rows: [given: string | undefined, cwd: string, name: string][] = [
    [undefined, '/srv/app', 'app'],
    [undefined, '/srv/my app:1', 'my-app-1'],
    [undefined, '/srv/größe', 'gr--e'],
    [undefined, '/', 'graceful-run'],
    ['web', '/srv/app', 'web'],
    ['a.b-c_d@2', '/', 'a.b-c_d@2'],
    ['n'.repeat(64), '/', 'n'.repeat(64)],
  ];
  for (const [given, cwd, name] of rows) assert.equal(instanceName(given, cwd), name);
});

test('what is wrong is told in one line that names the option', () => {
  const rows: [raw: Partial<RawOptions>, option: string][] = [
    [{ listen: [':99999'] }, "--listen ':99999'"],
    [{ listen: [':80', ':80'] }, "--listen ':80'"],
    [{ listen: ['unix:a', 'unix:/srv/a'], cwd: '/srv' }, '--listen'],
    [{ workers: 'some' }, '--workers'],
    [{ ready: 'soon' }, '--ready'],
    [{ startTimeout: 'x' }, '--start-timeout'],
    [{ drainTimeout: '-1' }, '--drain-timeout'],
    [{ killTimeout: '' }, '--kill-timeout'],
    [{ stopSignal: 'KILL' }, '--stop-signal'],
    [{ maxCrashes: '-1' }, "--max-crashes '-1'"],
    [{ maxCrashes: 'many' }, "--max-crashes 'many'"],
    [{ name: '' }, "--name ''"],
    [{ name: 'a/b' }, "--name 'a/b'"],
    [{ name: '..' }, "--name '..'"],
    [{ name: '.x' }, "--name '.x'"],
    [{ name: 'n'.repeat(65) }, '--name'],
    [{ control: '' }, "--control '': write a path, or none"],
    [{ logLevel: 'verbose' }, "--log-level 'verbose'"],
    [{ watch: ['nowhere'] }, '--watch /'],
    [{ watchPoll: true }, '--watch-poll goes with --watch'],
    [{ watchIgnore: ['x'] }, '--watch-ignore goes with --watch'],
    [{ logFormat: 'jsn' }, "--log-format 'jsn': did you mean json?"],
    [{ output: 'prefx' }, "--output 'prefx': did you mean prefix?"],
  ];
  for (const [raw, option] of rows) {
    assert.throws(
      () => options(raw),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.ok(error.message.startsWith(option), error.message);
        return !error.message.includes('\n');
      },
    );
  }
  for (const words of [[], ['']]) {
    assert.throws(() => options({}, words), {
      name: 'UsageError',
      hint: 'graceful-run -- node app.js',
    });
  }
});

test('what is watched', (t) => {
  const cwd = scratch(t);
  enter(t, cwd);
  mkdirSync('src');
  const watch = (raw: Partial<RawOptions>) => options(raw).watch;
  assert.deepEqual(watch({ watch: true }), { paths: [], ignore: [], poll: false });
  assert.deepEqual(watch({ watch: ['src', '/'], watchIgnore: ['*.html'], watchPoll: true }), {
    paths: [join(cwd, 'src'), '/'],
    ignore: ['*.html'],
    poll: true,
  });
  const { policy } = options({ watch: true });
  assert.equal(policy.overlap + policy.busyOverlap, 0, 'the next answer is from the new code');
});

test('dev waits for a change; and its hint is its own', () => {
  const dev = (raw: Partial<RawOptions>, words: string[]) =>
    toRunOptions({ ...DEFAULTS, ...DEV_DEFAULTS, ...raw }, words, { ...around, dev: true }, null);
  const { policy, ...others } = dev({}, ['node', 'app.js']);
  assert.equal(others.dev, true);
  assert.equal(policy.waitForChange, true);
  const blind = toRunOptions(
    { ...DEFAULTS, ...DEV_DEFAULTS, watch: undefined } as never,
    ['x'],
    { ...around, dev: true },
    null,
  );
  assert.equal(blind.policy.waitForChange, false, 'nobody would see it');
  assert.deepEqual([policy.drainTimeout, policy.killTimeout], [2000, 2000]);
  assert.throws(() => dev({}, []), { hint: 'graceful-run dev -- node app.js' });
  const swallowed = { watch: ['node', 'app.js'] };
  assert.throws(() => dev(swallowed, []), {
    message: "which command should run? --watch took all of 'node app.js' as paths",
    hint: 'graceful-run dev --watch src -- node app.js',
  });
});
