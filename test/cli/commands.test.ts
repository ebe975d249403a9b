// What a command line means, by tables; and what --help says.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCommandLine } from '../../src/cli/commands.js';
import { DEFAULTS, DEV_DEFAULTS } from '../../src/cli/resolve-options.js';
import { UsageError } from '../../src/errors.js';
import { SIGNALS } from '../../src/master/signals.js';
import { scratch } from '../helpers/supervisor.js';

/** The words of a line, at its spaces. */
const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), '1.2.3');

function withVariables(t: TestContext, variables: Record<string, string>): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('GRACEFUL_RUN_')) delete process.env[name];
  }
  Object.assign(process.env, variables);
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}

test('where the options end and the command begins', async (t) => {
  withVariables(t, {});
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
  ];
  for (const [line, words, options] of rows) {
    const expected = {
      kind: 'run',
      dev: false,
      raw: { ...DEFAULTS, ...options },
      config: null,
      origins: {},
      words: words.split(' '),
    };
    const found = await parse(line);
    assert.deepEqual(found, words === '' ? { ...expected, words: [] } : expected, line);
  }
});

test('dev, with defaults of its own', async (t) => {
  withVariables(t, {});
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
  ];
  for (const [line, words, options] of rows) {
    const raw = { ...DEFAULTS, ...DEV_DEFAULTS, ...options };
    const expected = {
      kind: 'run',
      dev: true,
      raw,
      config: null,
      origins: {},
      words: words.split(' '),
    };
    assert.deepEqual(await parse(line), expected, line);
  }
});

test('--watch by a variable', async (t) => {
  const watchOf = async (variable: string, line = '-- x') => {
    withVariables(t, { GRACEFUL_RUN_WATCH: variable });
    const found = await parse(line);
    return found.kind === 'run' ? found.raw.watch : null;
  };
  assert.equal(await watchOf('1'), true);
  assert.deepEqual(await watchOf('src lib'), ['src', 'lib']);
  assert.equal(await watchOf('0'), undefined);
  assert.deepEqual(await watchOf('src', '--watch lib -- x'), ['lib']);
});

test('a debugger by a variable', async (t) => {
  const rows: [variable: string, line: string, inspect: string | undefined, flags: string[]][] = [
    ['1', '-- x', '', ['--inspect']],
    ['true', 'dev -- x', '', []],
    ['0', '-- x', undefined, []],
    ['false', '-- x', undefined, []],
    ['', '-- x', undefined, []],
    ['9230', '-- x', '9230', ['--inspect=9230']],
    ['0', '--inspect=9230 -- x', '9230', ['--inspect=9230']],
  ];
  for (const [variable, line, inspect, flags] of rows) {
    withVariables(t, { GRACEFUL_RUN_INSPECT: variable });
    const found = await parse(line);
    assert.equal(found.kind === 'run' ? found.raw.inspect : null, inspect, variable);
    if (line.startsWith('dev')) continue;
    const unit = await parse(`unit ${line}`);
    assert.ok(unit.kind === 'unit');
    assert.deepEqual(
      unit.given.map(({ flag }) => flag),
      flags,
      variable,
    );
  }
});

test('a debugger takes its port from behind a `=` only', async (t) => {
  withVariables(t, {});
  const rows: [line: string, words: string, inspect: string | undefined][] = [
    ['--inspect -- node app.js', 'node app.js', ''],
    ['--inspect node app.js', 'node app.js', ''],
    ['-w 2 --inspect --name web node --inspect', 'node --inspect', ''],
    ['--inspect=9230 node --inspect=1', 'node --inspect=1', '9230'],
    ['node --inspect app.js', 'node --inspect app.js', undefined],
    ['-- node --inspect app.js', 'node --inspect app.js', undefined],
    ['--name --inspect node', 'node', undefined],
    ['dev --inspect node app.js', 'node app.js', ''],
    ['dev --watch src lib --inspect node app.js', 'node app.js', ''],
    ['--inspect dev node dev --inspect=1', 'node dev --inspect=1', ''],
  ];
  for (const [line, words, inspect] of rows) {
    const found = await parse(line);
    assert.ok(found.kind === 'run', line);
    assert.deepEqual([found.words.join(' '), found.raw.inspect], [words, inspect], line);
  }
});

test('an empty word is a word', async () => {
  const found = await parseCommandLine(['--', 'printf', '', '-x'], '1');
  assert.deepEqual(found.kind === 'run' && found.words, ['printf', '', '-x']);
});

test('client commands', async () => {
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

test('a unit: its own options, and those of the run that were given', async (t) => {
  withVariables(t, { GRACEFUL_RUN_READY: 'fd', GRACEFUL_RUN_LISTEN: ':80 :81' });
  const given = [
    { flag: '--listen', value: ':80' },
    { flag: '--listen', value: ':81' },
    { flag: '--workers', value: '2' },
    { flag: '--ready', value: 'fd' },
  ];
  const raw = { ...DEFAULTS, listen: [':80', ':81'], workers: '2', ready: 'fd' };
  const rows: [line: string, flags: object, words: string][] = [
    ['unit -w 2 -- node a.js --user x', {}, 'node a.js --user x'],
    ['unit -w 2 node a.js -- --socket', {}, 'node a.js -- --socket'],
    ['-w 2 unit --socket --user www node', { socket: true, user: 'www' }, 'node'],
    ['-w 3 unit -w 2 --install -- unit', { install: true }, 'unit'],
  ];
  for (const [line, flags, words] of rows) {
    const found = await parse(line);
    assert.ok(found.kind === 'unit', line);
    assert.deepEqual(found.raw, { ...raw, ...flags }, line);
    assert.deepEqual([found.given, found.words], [given, words.split(' ')], line);
    for (const [name, value] of Object.entries(flags)) {
      assert.equal(found.flags[name as 'user'], value, line);
    }
  }
  const named = await parse('unit --name shop --cwd /srv -- x');
  // These two have a place of their own in a unit.
  assert.ok(named.kind === 'unit' && !named.given.some(({ flag }) => /name|cwd/.test(flag)));
});

test('a unit repeats the port of the debugger as it was written', async (t) => {
  withVariables(t, {});
  const rows: [line: string, flag: string][] = [
    ['unit --inspect node app.js', '--inspect'],
    ['--inspect=[::1]:9230 unit node app.js', '--inspect=[::1]:9230'],
    ['unit --user www --inspect=9230 -- node app.js', '--inspect=9230'],
  ];
  for (const [line, flag] of rows) {
    const found = await parse(line);
    assert.ok(found.kind === 'unit', line);
    assert.deepEqual([found.given, found.words], [[{ flag, value: null }], ['node', 'app.js']]);
  }
});

test('what cannot be understood is one line and a hint', async () => {
  const rows: [line: string, said: RegExp][] = [
    ['--wrokers 2 -- x', /^unknown option '--wrokers' \(Did you mean --workers\?\)$/],
    ['--nonsense', /^unknown option '--nonsense'$/],
    ['-w', /'-w, --workers <n\|max>' argument missing$/],
    ['reload --wiat', /^unknown option '--wiat'/],
    ['status more', /^too many arguments for 'status'/],
    ['--inspect 9230 -- x', /^--inspect takes its value from behind a '='$/],
    ['dev --inspect 0.0.0.0:9230 x', /^--inspect takes its value from behind a '='$/],
    ['help nope', /^there is no such command$/],
    ['scale', /^missing required argument 'n'$/],
    ['reload -- node app.js', /^graceful-run reload takes no command after --$/],
  ];
  for (const [line, said] of rows) {
    await assert.rejects(
      () => parse(line),
      (error) => {
        assert.ok(error instanceof UsageError, String(error));
        assert.match(error.message, said);
        return !error.message.includes('\n');
      },
    );
  }
});

test('what is wrong names the help of the command in hand', async () => {
  const rows: [line: string, hint: string][] = [
    ['--nonsense', 'graceful-run --help'],
    ['dev --nonsense -- x', 'graceful-run dev --help'],
    ['unit --nonsense -- x', 'graceful-run unit --help'],
    ['unit --user a --dynamic-user -- x', 'graceful-run unit --help'],
    ['reload --nonsense', 'graceful-run reload --help'],
    ['status more', 'graceful-run status --help'],
    ['scale', 'graceful-run scale --help'],
  ];
  for (const [line, hint] of rows) {
    await assert.rejects(() => parse(line), { name: 'UsageError', hint }, line);
  }
});

test('an address behind --inspect is no command', async (t) => {
  withVariables(t, {});
  const rows: [address: string, hint: string][] = [
    ['9230', 'write --inspect=9230'],
    ['localhost', 'write --inspect=localhost:9229'],
    ['0.0.0.0', 'write --inspect=0.0.0.0:9229'],
    ['[::1]:9230', 'write --inspect=[::1]:9230'],
    ['[::1]', 'write --inspect=[::1]:9229'],
    ['::1', 'write --inspect=[::1]:9229'],
    // Never one that would be refused as well.
    ['99999', 'write --inspect=9229'],
    ['1234567', 'write --inspect=9229'],
  ];
  for (const [address, hint] of rows) {
    const message = "--inspect takes its value from behind a '='";
    await assert.rejects(() => parse(`dev --inspect ${address} -- x`), { message, hint }, address);
  }
});

test('a command of ours that was mistyped is no program', async (t) => {
  withVariables(t, {});
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
  const { PATH } = process.env;
  process.env.PATH = `${directory}:${PATH}`;
  t.after(() => {
    process.env.PATH = PATH;
  });
  for (const line of ['stpo', 'relod server', './relod', '-- relod', 'server']) {
    assert.equal((await parse(line)).kind, 'run', line);
  }
});

test('each option may come from a variable; the command line wins', async (t) => {
  const values: Record<string, string> = {
    workers: '5',
    ready: 'fd',
    startTimeout: '1s',
    drainTimeout: '2s',
    killTimeout: '3s',
    stopSignal: 'INT',
    watchdog: '5s',
    maxCrashes: '4',
    name: 'web',
    control: 'none',
    config: 'none',
    cwd: '/srv',
    inspect: '9230',
    logLevel: 'warn',
    logFormat: 'json',
    output: 'prefix',
  };
  const variableOf = (option: string) =>
    `GRACEFUL_RUN_${option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  withVariables(t, {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [variableOf(name), value])),
    GRACEFUL_RUN_LISTEN: '  :80  web=unix:/run/a.sock ',
    GRACEFUL_RUN_ENV_FILE: ' a.env  b.env ',
  });
  const listen = [':80', 'web=unix:/run/a.sock'];
  const envFile = ['a.env', 'b.env'];
  const rawOf = async (line: string) => {
    const found = await parse(line);
    return found.kind === 'run' ? found.raw : null;
  };
  assert.deepEqual(await rawOf('-- x'), { ...values, listen, envFile });
  const wins = { ...values, workers: '1', listen: [':81'], envFile: ['c.env'] };
  assert.deepEqual(await rawOf('-w 1 -l :81 --env-file c.env -- x'), wins);
  // None of the options is left out above.
  assert.deepEqual(
    Object.keys(DEFAULTS).filter((name) => !(name in values)),
    [],
  );
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

test('help and version are shown, and nothing is run', async (t) => {
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
    assert.match(text, /GRACEFUL_RUN_INSPECT\)/);
    // How a value is kept that nobody would write.
    assert.doesNotMatch(text, /preset|default:\s+true/);
  }
  assert.match(ofDev, /^Keys in a terminal: r reload .* q quit$/m);
});
