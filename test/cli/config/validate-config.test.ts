// What the keys and values of a config file mean, by tables; and that they are the options of the table.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configValues } from '../../../src/cli/config/validate-config.js';
import { OPTIONS } from '../../../src/cli/option-table.js';
import type { Section } from '../../../src/cli/option-types.js';
import { UsageError } from '../../../src/errors.js';
import { type Config, defineConfig } from '../../../src/index.js';

const read = (content: unknown, section: Section = 'run') =>
  configValues(content, 'c.json', section);

function refused(content: unknown, message: string): void {
  assert.throws(
    () => read(content),
    (error) => {
      assert.ok(error instanceof UsageError, String(error));
      assert.equal(error.message, `c.json: ${message}`);
      return true;
    },
  );
}

test('the type Config has exactly the options of the table', () => {
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
    inspect: true,
    inspectPort: 9230,
    maxDraining: 3,
    record: 'events.jsonl',
    logLevel: 'warn',
    logFormat: 'json',
    dev: {},
  };
  const options = Object.keys(OPTIONS);
  assert.deepEqual(
    Object.keys(every).toSorted(),
    ['command', 'dev', ...options.filter((name) => name !== 'config')].toSorted(),
  );
  assert.doesNotThrow(() => read(every));
});

test('defineConfig returns its argument', () => {
  const config = { workers: 2 };
  const make = async () => config;
  assert.equal(defineConfig(config), config);
  assert.equal(defineConfig(make), make);
});

test('values become what the command line gives', () => {
  const rows: [key: string, value: unknown, text: unknown][] = [
    ['workers', 4, '4'],
    ['workers', 'max', 'max'],
    ['drainTimeout', 0.5, '0.5'],
    ['killTimeout', '2s', '2s'],
    ['stopSignal', 15, '15'],
    ['inspectPort', 9230, '9230'],
    ['listen', ':80', [':80']],
    ['listen', [':80', 'unix:/run/a b'], [':80', 'unix:/run/a b']],
    ['listen', [], []],
    ['watchPoll', true, true],
    ['inspect', false, undefined],
    ['watch', true, true],
    ['watch', 'src', ['src']],
    ['watch', false, undefined],
  ];
  for (const [key, value, text] of rows) assert.deepEqual(read({ [key]: value }), { [key]: text });
  assert.deepEqual(read({ name: undefined }), {}, 'a variable in the file that is not set');
});

test('the command is a list, or text that is split at spaces', () => {
  const rows: [command: unknown, words: string[]][] = [
    ['node app.js', ['node', 'app.js']],
    [' node  --import tsx\tapp.ts ', ['node', '--import', 'tsx', 'app.ts']],
    [
      ['node', 'my app.js', '', '"$1"'],
      ['node', 'my app.js', '', '"$1"'],
    ],
    [['node'], ['node']],
  ];
  for (const [command, words] of rows) assert.deepEqual(read({ command }).command, words);

  const list = 'write a list: ["node", "app.js"]';
  for (const wrong of [[], [''], '', ' ', ['node', 1], { node: 'app.js' }, true, 5]) {
    assert.throws(() => read({ command: wrong }), {
      message: /^c\.json: command: .+ is not a command; /,
    });
  }
  refused({ command: '' }, `command: '' is not a command; ${list}`);
  refused(
    { command: 'node "my app.js"' },
    `command: 'node "my app.js"' contains ", but no shell interprets it; ${list}`,
  );
  for (const text of ["node 'a'", 'node `a`', 'node $A', 'a && b', 'a; b', 'a > b', 'a\\ b']) {
    assert.throws(() => read({ command: text }), { message: /contains ., but no shell/ }, text);
  }
});

test('the part for dev counts in dev only, and is always checked', () => {
  const content = {
    command: 'node dist/app.js',
    workers: 4,
    drainTimeout: '30s',
    dev: { command: ['node', '--import', 'tsx', 'app.ts'], workers: 1 },
  };
  const command = ['node', 'dist/app.js'];
  assert.deepEqual(read(content), { workers: '4', drainTimeout: '30s', command });
  const inDev = { workers: '1', command: ['node', '--import', 'tsx', 'app.ts'] };
  assert.deepEqual(read(content, 'dev'), inDev);
  for (const dev of [{}, undefined]) {
    assert.deepEqual(read({ ...content, dev }, 'dev'), { workers: '4', command });
  }
  // It has its own limits.
  const { drainTimeout } = read({ ...content, dev: { drainTimeout: 5 } }, 'dev');
  assert.equal(drainTimeout, '5');

  refused({ dev: { wrokers: 1 } }, "unknown key 'dev.wrokers'; did you mean dev.workers?");
  refused({ dev: { workers: true } }, 'dev.workers: true is not a string or a number');
  refused({ dev: true }, 'dev: true is not an object with options');
  assert.throws(() => read({ dev: { dev: {} } }), { message: /unknown key 'dev.dev'/ });
});

test('a mistake is reported in one line with the key', () => {
  const rows: [content: unknown, message: string][] = [
    [{ drainTimout: '2s' }, "unknown key 'drainTimout'; did you mean drainTimeout?"],
    [{ 'drain-timeout': '2s' }, "unknown key 'drain-timeout'; did you mean drainTimeout?"],
    [{ comand: 'x' }, "unknown key 'comand'; did you mean command?"],
    [{ deV: {} }, "unknown key 'deV'; did you mean dev?"],
    [{ drainTimeout: true }, 'drainTimeout: true is not a string or a number'],
    [{ drainTimeout: null }, 'drainTimeout: null is not a string or a number'],
    [{ workers: [1] }, 'workers: [ 1 ] is not a string or a number'],
    [{ stopSignal: {} }, 'stopSignal: {} is not a string or a number'],
    [{ name: 5 }, 'name: 5 is not a string'],
    [{ ready: ['fd'] }, "ready: [ 'fd' ] is not a string"],
    [{ listen: 8080 }, 'listen: 8080 is not a string'],
    [{ listen: [':80', 81] }, 'listen: 81 is not a string'],
    [{ watchPoll: 'yes' }, "watchPoll: 'yes' is not true or false"],
    [{ inspect: 9230 }, 'inspect: 9230 is not true or false'],
    [{ inspectPort: [] }, 'inspectPort: [] is not a string or a number'],
    [{ watch: [true] }, 'watch: true is not a string'],
    [{ watch: [] }, 'watch: [] names no path; true watches what is loaded'],
    [[], '[] is not an object with options'],
    [null, 'null is not an object with options'],
    ['x', "'x' is not an object with options"],
  ];
  for (const [content, message] of rows) refused(content, message);
  assert.throws(() => read({ nonsense: 1 }), {
    message: /^c\.json: unknown key 'nonsense'; there are command, listen, .+, dev$/,
  });
  // The file cannot say which file is read.
  assert.throws(() => read({ config: 'x' }), { message: /unknown key 'config'/ });
});
