// What the keys and values of a config file mean, by tables; and that they are the options that there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Option } from 'commander';
import { configValues, type Section } from '../../../src/cli/config/validate-config.js';
import { configOptions, runOptions } from '../../../src/cli/option-table.js';
import { UsageError } from '../../../src/errors.js';
import { type Config, defineConfig } from '../../../src/index.js';

const read = (content: unknown, section: Section = 'run', options = configOptions()) =>
  configValues(content, 'c.json', options, section);

function refused(content: unknown, message: string, options = configOptions()): void {
  assert.throws(
    () => read(content, 'run', options),
    (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.equal(error.message, `c.json: ${message}`);
      return true;
    },
  );
}

test('an editor is told of all keys that there are, and of no other', () => {
  // The compiler wants every key of Config here.
  const every: Required<Config> = {
    command: 'node app.js',
    listen: [':8080'],
    workers: 'max',
    ready: 'after:2s',
    startTimeout: '5m',
    drainTimeout: 2,
    killTimeout: 0.5,
    stopSignal: 'TERM',
    watchdog: '5s',
    maxCrashes: 7,
    cwd: '/srv',
    envFile: ['.env'],
    name: 'shop',
    control: 'none',
    watch: ['src'],
    watchIgnore: '*.html',
    watchPoll: true,
    output: 'prefix',
    inspect: 9230,
    logLevel: 'warn',
    logFormat: 'json',
    dev: {},
  };
  const options = runOptions().map((option) => option.attributeName());
  assert.deepEqual(
    Object.keys(every).toSorted(),
    ['command', 'dev', ...options.filter((name) => name !== 'config')].toSorted(),
  );
  assert.doesNotThrow(() => read(every));
});

test('defineConfig gives back what it gets', () => {
  const config = { workers: 2 };
  const make = async () => config;
  assert.equal(defineConfig(config), config);
  assert.equal(defineConfig(make), make);
});

test('values become what the command line would have made of them', () => {
  const rows: [content: object, values: object][] = [
    [{}, {}],
    [{ workers: 4 }, { workers: '4' }],
    [
      { workers: 'max', name: 'shop' },
      { workers: 'max', name: 'shop' },
    ],
    [
      { drainTimeout: 0.5, killTimeout: '2s' },
      { drainTimeout: '0.5', killTimeout: '2s' },
    ],
    [
      { stopSignal: 15, maxCrashes: 0 },
      { stopSignal: '15', maxCrashes: '0' },
    ],
    [{ listen: ':80' }, { listen: [':80'] }],
    [{ listen: [':80', 'unix:/run/a b'] }, { listen: [':80', 'unix:/run/a b'] }],
    [{ listen: [] }, { listen: [] }],
    [{ name: undefined }, {}],
  ];
  for (const [content, values] of rows) assert.deepEqual(read(content), { values, words: [] });
});

test('the command', () => {
  const rows: [command: unknown, words: string[]][] = [
    ['node app.js', ['node', 'app.js']],
    [' node  --import tsx\tapp.ts ', ['node', '--import', 'tsx', 'app.ts']],
    [
      ['node', 'my app.js', '', '"$1"'],
      ['node', 'my app.js', '', '"$1"'],
    ],
    [['node'], ['node']],
  ];
  for (const [command, words] of rows) assert.deepEqual(read({ command }).words, words);

  const list = 'write a list: ["node", "app.js"]';
  for (const wrong of [[], [''], '', ' ', ['node', 1], { node: 'app.js' }, true, 5]) {
    assert.throws(() => read({ command: wrong }), {
      message: /^c\.json: command: .+ is no command; /,
    });
  }
  refused({ command: '' }, `command: '' is no command; ${list}`);
  refused(
    { command: 'node "my app.js"' },
    `command: 'node "my app.js"' has " in it, and no shell reads it; ${list}`,
  );
  for (const text of ["node 'a'", 'node `a`', 'node $A', 'a && b', 'a; b', 'a > b', 'a\\ b']) {
    assert.throws(() => read({ command: text }), { message: /has . in it, and no shell/ }, text);
  }
});

test('what is for dev counts there only, and is read everywhere', () => {
  const content = {
    command: 'node dist/app.js',
    workers: 4,
    drainTimeout: '30s',
    dev: { command: ['node', '--import', 'tsx', 'app.ts'], workers: 1 },
  };
  assert.deepEqual(read(content), {
    values: { workers: '4', drainTimeout: '30s' },
    words: ['node', 'dist/app.js'],
  });
  assert.deepEqual(read(content, 'dev'), {
    values: { workers: '1' },
    words: ['node', '--import', 'tsx', 'app.ts'],
  });
  const plain = { values: { workers: '4' }, words: ['node', 'dist/app.js'] };
  assert.deepEqual(read({ ...content, dev: {} }, 'dev'), plain);
  assert.deepEqual(read({ ...content, dev: undefined }, 'dev'), plain);
  // Its limits are its own.
  const { values } = read({ ...content, dev: { drainTimeout: 5 } }, 'dev');
  assert.equal(values.drainTimeout, '5');

  refused({ dev: { wrokers: 1 } }, "unknown key 'dev.wrokers'; did you mean dev.workers?");
  refused({ dev: { workers: true } }, 'dev.workers: true is no number');
  refused({ dev: true }, 'dev: true is no object with options');
  assert.throws(() => read({ dev: { dev: {} } }), { message: /unknown key 'dev.dev'/ });
});

test('options of dev alone are known in its part', () => {
  const options = { run: runOptions(), dev: [...runOptions(), new Option('--clear', '')] };
  assert.deepEqual(read({ dev: { clear: true } }, 'dev', options).values, { clear: true });
  assert.throws(() => read({ clear: true }, 'dev', options), { message: /unknown key 'clear'/ });
});

test('what is wrong is one line with the key', () => {
  const rows: [content: unknown, message: string][] = [
    [{ drainTimout: '2s' }, "unknown key 'drainTimout'; did you mean drainTimeout?"],
    [{ 'drain-timeout': '2s' }, "unknown key 'drain-timeout'; did you mean drainTimeout?"],
    [{ comand: 'x' }, "unknown key 'comand'; did you mean command?"],
    [{ deV: {} }, "unknown key 'deV'; did you mean dev?"],
    [{ drainTimeout: true }, 'drainTimeout: true is no time'],
    [{ drainTimeout: null }, 'drainTimeout: null is no time'],
    [{ workers: [1] }, 'workers: [ 1 ] is no number'],
    [{ stopSignal: {} }, 'stopSignal: {} is no signal'],
    [{ name: 5 }, 'name: 5 is no text'],
    [{ ready: ['fd'] }, "ready: [ 'fd' ] is no text"],
    [{ listen: 8080 }, 'listen: 8080 is no text'],
    [{ listen: [':80', 81] }, 'listen: 81 is no text'],
    [[], '[] is no object with options'],
    [null, 'null is no object with options'],
    ['x', "'x' is no object with options"],
  ];
  for (const [content, message] of rows) refused(content, message);
  assert.throws(() => read({ nonsense: 1 }), {
    message: /^c\.json: unknown key 'nonsense'; there are command, listen, .+, dev$/,
  });
  // The file cannot say which file is read.
  assert.throws(() => read({ config: 'x' }), { message: /unknown key 'config'/ });
});

test('switches, options with a value that may be left out, and lists of them', () => {
  const one = (text: string) => text.toUpperCase();
  const run = [
    new Option('--quiet', ''),
    new Option('--no-wait', ''),
    new Option('--inspect [[host:]port]', ''),
    new Option('--watch [paths...]', ''),
    new Option('--upper <word>', '').argParser(one),
  ];
  const options = { run, dev: run };
  const rows: [content: object, values: object][] = [
    [
      { quiet: true, wait: false },
      { quiet: true, wait: false },
    ],
    [{ inspect: true }, { inspect: true }],
    [{ inspect: 9230 }, { inspect: '9230' }],
    [{ inspect: '0.0.0.0:9230' }, { inspect: '0.0.0.0:9230' }],
    [{ inspect: false }, {}],
    [{ watch: true }, { watch: true }],
    [{ watch: 'src' }, { watch: ['src'] }],
    [{ watch: ['src', 'lib'] }, { watch: ['src', 'lib'] }],
    [{ upper: 'a' }, { upper: 'A' }],
  ];
  for (const [content, values] of rows) {
    assert.deepEqual(read(content, 'run', options).values, values);
  }
  assert.deepEqual(read({ inspect: true, dev: { inspect: false } }, 'dev', options).values, {});
  refused({ quiet: 'yes' }, "quiet: 'yes' is neither true nor false", options);
  refused({ wait: 1 }, 'wait: 1 is neither true nor false', options);
  refused({ inspect: [] }, 'inspect: [] is no port', options);
  refused({ watch: [true] }, 'watch: true is no text', options);
  refused({ upper: ['a'] }, 'upper: only one value is possible, not a list', options);
});

test('the debugger: switched on, switched off, or on a port', () => {
  const inspectOf = (inspect: unknown) => read({ inspect }).values.inspect;
  assert.deepEqual([true, 9230, '[::1]:9230', false].map(inspectOf), [
    '',
    '9230',
    '[::1]:9230',
    undefined,
  ]);
});
