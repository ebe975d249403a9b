// What a command line means, by tables; and what --help says.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCommandLine } from '../../src/cli/commands.js';
import { flagOf } from '../../src/cli/option-table.js';
import { defaultOptions } from '../../src/cli/option-types.js';
import { UsageError } from '../../src/errors.js';
import { SIGNALS } from '../../src/master/signals.js';
import { scratch } from '../helpers/supervisor.js';

/** Parses the words of a line, which are separated by spaces. */
const parse = (line: string, env: NodeJS.ProcessEnv = {}) =>
  parseCommandLine(line.split(' ').filter(Boolean), '1.2.3', { PATH: process.env.PATH, ...env });

test('the command begins after `--`, or with the first word that is not an option', async () => {
  const rows: [line: string, words: string, options?: object][] = [
    ['-- node app.js', 'node app.js'],
    ['node app.js', 'node app.js'],
    ['node app.js --workers 4 -l :80', 'node app.js --workers 4 -l :80'],
    ['-w 2 node app.js -w 4', 'node app.js -w 4', { workers: '2' }],
    ['-w 2 -- node -w 4 --help', 'node -w 4 --help', { workers: '2' }],
    ['-- reload', 'reload'],
    ['-- status --json', 'status --json'],
    ['-w 2 -- stop', 'stop', { workers: '2' }],
    ['-- --version', '--version'],
    // A second `--` is one of the command's own, and so is the first after the command began.
    ['-- npm start -- --port 80', 'npm start -- --port 80'],
    ['npm start -- --port 80', 'npm start -- --port 80'],
    ['-- -- x', '-- x'],
    ['--', ''],
    ['', ''],
    ['-w 2', '', { workers: '2' }],
    ['-l :80 --listen a=:81 -- x', 'x', { listen: [':80', 'a=:81'] }],
    ['--env-file .env --env-file=b.env x', 'x', { envFile: ['.env', 'b.env'] }],
    ['--ready=http://x/ --cwd=/srv x', 'x', { ready: 'http://x/', cwd: '/srv' }],
    ['--inspect node --inspect app.js', 'node --inspect app.js', { inspect: true }],
    ['--inspect-port 9230 node', 'node', { inspectPort: '9230' }],
  ];
  for (const [line, words, options] of rows) {
    const expected = {
      kind: 'run',
      section: 'run',
      raw: { ...defaultOptions('run'), ...options },
      given: { ...options },
      config: null,
      origins: Object.fromEntries(
        Object.keys(options ?? {}).map((key) => [flagOf(key), flagOf(key)]),
      ),
      words: words.split(' '),
    };
    const found = await parse(line);
    assert.deepEqual(found, words === '' ? { ...expected, words: [] } : expected, line);
  }
});

test('dev takes the options before and after its name, and has its own defaults', async () => {
  const rows: [line: string, words: string, options?: object][] = [
    ['dev -- node app.js', 'node app.js'],
    ['dev node app.js --watch', 'node app.js --watch'],
    ['dev --watch src lib -- node app.js', 'node app.js', { watch: ['src', 'lib'] }],
    [
      '-w 2 dev --watch-ignore a --watch-ignore b -- x',
      'x',
      { workers: '2', watchIgnore: ['a', 'b'] },
    ],
    ['--drain-timeout 5s dev --drain-timeout 6s -- x', 'x', { drainTimeout: '6s' }],
    ['dev --watch-poll -- dev', 'dev', { watchPoll: true }],
    ['dev --watch src --inspect node app.js', 'node app.js', { watch: ['src'], inspect: true }],
  ];
  for (const [line, words, options] of rows) {
    const raw = { ...defaultOptions('dev'), ...options };
    const expected = {
      kind: 'run',
      section: 'dev',
      raw,
      given: { ...options },
      config: null,
      origins: Object.fromEntries(
        Object.keys(options ?? {}).map((key) => [flagOf(key), flagOf(key)]),
      ),
      words: words.split(' '),
    };
    assert.deepEqual(await parse(line), expected, line);
  }
});

test('an empty word is an argument of the command', async () => {
  const found = await parseCommandLine(['--', 'printf', '', '-x'], '1', {});
  assert.deepEqual(found.kind === 'run' && found.words, ['printf', '', '-x']);
});

test('the client commands take their own options', async () => {
  const rows: [line: string, command: string, options: object, size?: string][] = [
    ['reload', 'reload', { wait: true }],
    ['reload --no-wait', 'reload', { wait: false }],
    ['reload --name web', 'reload', { wait: true, name: 'web' }],
    ['status --json --control /run/x.sock', 'status', { json: true, control: '/run/x.sock' }],
    ['stop', 'stop', {}],
    ['stop --now', 'stop', { now: true }],
    ['scale 4', 'scale', {}, '4'],
    ['scale max --name web', 'scale', { name: 'web' }, 'max'],
  ];
  for (const [line, command, options, size] of rows) {
    const expected = { kind: 'client', command, options, ...(size && { size }) };
    assert.deepEqual(await parse(line), expected, line);
  }
});

test('a unit has its own options, and the options of the run that were given', async () => {
  const env = { GRACEFUL_RUN_READY: 'fd', GRACEFUL_RUN_LISTEN: ':80 :81' };
  const given = { listen: [':80', ':81'], workers: '2', ready: 'fd' };
  const rows: [line: string, flags: object, words: string][] = [
    ['unit -w 2 -- node a.js --user x', {}, 'node a.js --user x'],
    ['unit -w 2 node a.js -- --socket', {}, 'node a.js -- --socket'],
    ['-w 2 unit --socket --user www node', { socket: true, user: 'www' }, 'node'],
    ['-w 3 unit -w 2 --install -- unit', { install: true }, 'unit'],
  ];
  for (const [line, flags, words] of rows) {
    const found = await parse(line, env);
    assert.ok(found.kind === 'unit', line);
    assert.deepEqual(found.raw, { ...defaultOptions('run'), ...given, ...flags }, line);
    assert.deepEqual(found.given, { ...given, ...flags }, line);
    assert.deepEqual(found.words, words.split(' '), line);
    for (const [name, value] of Object.entries(flags)) {
      assert.equal(found.flags[name as 'user'], value, line);
    }
  }
});

test('a wrong command line is one line, with the help of the command that was called', async () => {
  const rows: [line: string, command: string, said: RegExp][] = [
    ['--wrokers 2 -- x', '', /^unknown option '--wrokers' \(Did you mean --workers\?\)$/],
    ['--nonsense', '', /^unknown option '--nonsense'$/],
    ['-w', '', /'-w, --workers <n\|max>' argument missing$/],
    ['--inspect=9230 -- x', '', /^unknown option '--inspect=9230'/],
    ['help nope', '', /^there is no command 'nope'$/],
    ['dev --nonsense -- x', 'dev ', /^unknown option '--nonsense'$/],
    ['unit --nonsense -- x', 'unit ', /^unknown option '--nonsense'$/],
    ['unit --user a --dynamic-user -- x', 'unit ', /cannot be used with option '--user <name>'$/],
    ['reload --wiat', 'reload ', /^unknown option '--wiat'/],
    ['status more', 'status ', /^too many arguments for 'status'/],
    ['scale', 'scale ', /^missing required argument 'n'$/],
  ];
  for (const [line, command, said] of rows) {
    await assert.rejects(
      () => parse(line),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, said);
        assert.equal(error.hint, `graceful-run ${command}--help`);
        return !error.message.includes('\n');
      },
    );
  }
  await assert.rejects(() => parse('reload -- node app.js'), {
    message: 'graceful-run reload takes no command after --',
  });
});

test('a mistyped command is reported, unless it is a program', async (t) => {
  const rows: [line: string, word: string, meant: string][] = [
    ['relod', 'relod', 'reload'],
    ['relod --no-wait', 'relod', 'reload'],
    ['dve -- node app.js', 'dve', 'dev'],
    ['-w 2 stauts', 'stauts', 'status'],
  ];
  for (const [line, word, meant] of rows) {
    await assert.rejects(() => parse(line), {
      name: 'StartError',
      message: `command not found: ${word}`,
      hint: `did you mean \`graceful-run ${meant}\`?`,
      exitCode: 127,
    });
  }
  const directory = scratch(t);
  writeFileSync(join(directory, 'stpo'), '', { mode: 0o755 });
  const PATH = `${directory}:${process.env.PATH}`;
  for (const line of ['stpo', 'relod server', './relod', '-- relod', 'server']) {
    assert.equal((await parse(line, { PATH })).kind, 'run', line);
  }
});

/** What is written to stdout while `work` runs. */
async function outputOf(t: TestContext, work: () => Promise<void>): Promise<string> {
  const { mock } = t.mock.method(process.stdout, 'write', () => true);
  try {
    await work();
    return mock.calls.map((call) => String(call.arguments[0])).join('');
  } finally {
    mock.restore();
  }
}

test('help and version are printed, and nothing runs', async (t) => {
  const kindOf = async (line: string) => (await parse(line)).kind;
  const help = await outputOf(t, async () => assert.equal(await kindOf('--help'), 'done'));
  assert.match(help, /^Usage: graceful-run \[options\] -- <command>/);
  for (const { signals, meaning } of SIGNALS) {
    const names = signals.map((name) => name.slice(3)).join(', ');
    const line = new RegExp(`^  ${names} +${meaning.replace(/[;]/g, '\\$&')}$`, 'm');
    assert.match(help, line);
  }
  assert.equal(await outputOf(t, async () => assert.equal(await kindOf('-V'), 'done')), '1.2.3\n');
  const ofReload = await outputOf(t, async () =>
    assert.equal(await kindOf('reload --help'), 'done'),
  );
  assert.match(ofReload, /--no-wait/);
  for (const [line, same] of [
    ['help', help],
    ['help reload', ofReload],
  ] as const) {
    assert.equal(await outputOf(t, async () => assert.equal(await kindOf(line), 'done')), same);
  }
  const ofDev = await outputOf(t, async () => assert.equal(await kindOf('dev --help'), 'done'));
  for (const text of [help, ofDev]) {
    assert.match(text, /^Times: 500ms, 30s, 5m; a bare number is seconds\./m);
    assert.match(text, /\(env:\s+GRACEFUL_RUN_INSPECT\)/);
  }
  assert.match(ofDev, /^Commands at a terminal: r \+ enter reload, .* q quit$/m);
});
