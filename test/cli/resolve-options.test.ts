// From the text of options to complete options: defaults, names, paths, and one clear line for each mistake.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { defaultOptions, type GivenOptions } from '../../src/cli/option-types.js';
import { instanceName, toRunOptions } from '../../src/cli/resolve-options.js';
import { logicalDirectory } from '../../src/cli/working-directory.js';
import { UsageError } from '../../src/errors.js';
import { parseListenSpec } from '../../src/sockets/listen-spec.js';
import { scratch } from '../helpers/supervisor.js';

const around = { env: { XDG_RUNTIME_DIR: '/run/user/7' }, uid: 7, version: '1.2.3' };

function options(given: GivenOptions, env = {}, command = ['node', 'app.js']) {
  const context = { ...around, env: { ...around.env, ...env } };
  const raw = { ...defaultOptions('run'), command, ...given };
  return toRunOptions({ section: 'run', raw, configFile: null }, context);
}

/** Makes `directory` the working directory until the test ends. */
function enter(t: TestContext, directory: string): void {
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(directory);
}

test('without options the defaults count', (t) => {
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
        maxStartTime: 300_000,
        watchdog: null,
        overlap: 500,
        maxDraining: 8,
        waitForChange: false,
        maxAbandonTime: 10_000,
        drainTimeout: 30_000,
        killTimeout: 10_000,
        killInterval: 1000,
        maxCrashes: null,
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
      record: null,
    },
  );
  assert.ok(backoff.base > 0 && backoff.ceiling > backoff.base);
});

test('each option has its effect', () => {
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
    maxDraining: '2',
    record: 'events.jsonl',
  });
  const [web, unix] = asked.listen;
  assert.deepEqual(web, parseListenSpec('web=:80'));
  // Relative to the directory of the app; the path that the app uses is left unchanged.
  assert.deepEqual(unix?.address, { kind: 'unix', path: '/srv/app/run/a.sock' });
  assert.deepEqual(unix?.appAddress, { path: './a.sock' });
  assert.equal(asked.workers, Math.min(availableParallelism(), 1024));
  const { startTimeout, drainTimeout, killTimeout, maxCrashes } = asked.policy;
  assert.deepEqual([startTimeout, drainTimeout, killTimeout, maxCrashes], [300_000, 0, 500, 7]);
  assert.equal(asked.policy.maxDraining, 2);
  assert.equal(asked.record, '/srv/app/events.jsonl');
  assert.deepEqual(
    [asked.ready, asked.stopSignal, asked.name, asked.control, asked.cwd],
    [{ how: 'after', ms: 2000 }, 'SIGQUIT', 'web@1', null, '/srv/app'],
  );
  // They are resolved when they are read: a link in the directory may lead elsewhere by then.
  assert.deepEqual(asked.envFiles, ['.env', '/etc/app.env']);
  assert.deepEqual([asked.logLevel, asked.logFormat, asked.output], ['debug', 'json', 'prefix']);
});

test('the control socket is in a private directory, or where the option says', () => {
  const rows: [raw: GivenOptions, env: NodeJS.ProcessEnv, path: string | null][] = [
    [{ name: 'a' }, {}, '/run/user/7/graceful-run/a.sock'],
    [{ cwd: '/srv/b.c' }, {}, '/run/user/7/graceful-run/b.c.sock'],
    [{ name: 'a' }, { XDG_RUNTIME_DIR: '' }, '/tmp/graceful-run-7/a.sock'],
    [{ name: 'a' }, { RUNTIME_DIRECTORY: '/run/x' }, '/run/x/graceful-run/a.sock'],
    [{ control: '/a/./b.sock', cwd: '/srv' }, {}, '/a/b.sock'],
    [{ control: 'c.sock', cwd: '/srv' }, {}, '/srv/c.sock'],
    [{ control: './none', cwd: '/srv' }, {}, '/srv/none'],
    [{ control: 'none' }, {}, null],
  ];
  for (const [raw, env, path] of rows) assert.equal(options(raw, env).control, path);
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
    // A program changed its directory and left PWD as it was.
    [join(root, 'other'), release],
    [join(root, 'gone'), release],
    ['release-1', release],
  ];
  for (const [pwd, directory] of rows) {
    const env = pwd === undefined ? {} : { PWD: pwd };
    assert.equal(logicalDirectory(env), directory, String(pwd));
  }
  const { cwd, name } = options({ cwd: 'sub' }, { PWD: join(root, 'current') });
  assert.deepEqual([cwd, name], [join(root, 'current/sub'), 'sub']);
});

test('an instance is named by the option, else by the directory', () => {
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

test('a wrong value is reported in one line that names the option', () => {
  const rows: [raw: GivenOptions, option: string][] = [
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
    [{ maxDraining: '0' }, "--max-draining '0'"],
    [{ watchdog: '20ms' }, "--watchdog '20ms'"],
    [{ inspectPort: 'x' }, "--inspect-port: 'x' is not a port"],
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
    [{ logFormat: 'jsn' }, "--log-format 'jsn': choose from auto, json"],
    [{ output: 'prefx' }, "--output 'prefx': choose from inherit"],
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
    assert.throws(() => options({}, {}, words), {
      name: 'UsageError',
      hint: 'graceful-run -- node app.js',
    });
  }
});

test('the debugger is opened by either of its options', () => {
  const local = { host: '127.0.0.1', port: 9229 };
  assert.deepEqual(options({ inspect: true }).inspect, local);
  assert.deepEqual(options({ inspectPort: '9230' }).inspect, { ...local, port: 9230 });
  const both = options({ inspect: true, inspectPort: '[::1]:0' });
  assert.deepEqual(both.inspect, { host: '::1', port: 0 });
});

test('watched paths are absolute, and watching turns the overlap off', (t) => {
  const cwd = scratch(t);
  enter(t, cwd);
  mkdirSync('src');
  const watch = (raw: GivenOptions) => options(raw).watch;
  assert.deepEqual(watch({ watch: true }), { paths: [], ignore: [], poll: false });
  assert.deepEqual(watch({ watch: ['src', '/'], watchIgnore: ['*.html'], watchPoll: true }), {
    paths: [join(cwd, 'src'), '/'],
    ignore: ['*.html'],
    poll: true,
  });
  const { policy } = options({ watch: true });
  assert.equal(policy.overlap, 0, 'the next answer is from the new code');
});

test('dev waits for a change after a failed start, and has its own hint', () => {
  const dev = (given: GivenOptions, words: string[]) => {
    const raw = { ...defaultOptions('dev'), ...given, command: words };
    return toRunOptions({ section: 'dev', raw, configFile: null }, around);
  };
  const { policy, ...others } = dev({}, ['node', 'app.js']);
  assert.equal(others.dev, true);
  assert.equal(policy.waitForChange, true);
  const blind = dev({ watch: undefined }, ['x']);
  assert.equal(blind.policy.waitForChange, false, 'no change would be noticed');
  assert.deepEqual([policy.drainTimeout, policy.killTimeout], [2000, 2000]);
  assert.throws(() => dev({}, []), { hint: 'graceful-run dev -- node app.js' });
  const swallowed = { watch: ['node', 'app.js'] };
  assert.throws(() => dev(swallowed, []), {
    message: "which command should run? --watch took all of 'node app.js' as paths",
    hint: 'graceful-run dev --watch src -- node app.js',
  });
});
