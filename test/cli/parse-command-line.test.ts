// What a command line means, by tables; and what --help says.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Invocation, parseCommandLine } from '../../src/cli/parse-command-line.js';
import { UsageError } from '../../src/errors.js';
import { SIGNALS } from '../../src/master/signals.js';
import { scratch } from '../helpers/supervisor.js';

/** Parses the words of a line, which are separated by spaces. */
const parse = (line: string, env: NodeJS.ProcessEnv = {}) =>
  parseCommandLine(line.split(' ').filter(Boolean), '1.2.3', { PATH: process.env.PATH, ...env });

/** Fails for an invocation that does not run a command. */
function gathered(invocation: Invocation) {
  assert.ok('given' in invocation, invocation.kind);
  return invocation;
}

test('the command begins after `--`, or with the first word that is not an option', async () => {
  const rows: [line: string, words: string, options?: object][] = [
    ['-- node app.js', 'node app.js'],
    ['node app.js', 'node app.js'],
    ['node app.js --workers 4 -l :80', 'node app.js --workers 4 -l :80'],
    ['-w 2 node app.js -w 4', 'node app.js -w 4', { workers: '2' }],
    ['-w 2 -- node -w 4 --help', 'node -w 4 --help', { workers: '2' }],
    ['-- reload', 'reload'],
    ['-- status --json', 'status --json'],
    ['-- --version', '--version'],
    // A second `--` is one of the command's own, and so is the first after the command began.
    ['-- npm start -- --port 80', 'npm start -- --port 80'],
    ['npm start -- --port 80', 'npm start -- --port 80'],
    ['-- -- x', '-- x'],
    ['--', ''],
    ['', ''],
    ['-w 2', '', { workers: '2' }],
    ['-l :80 --listen a=:81 -- x', 'x', { listen: [':80', 'a=:81'] }],
    ['--ready=http://x/ --cwd=/srv x', 'x', { ready: 'http://x/', cwd: '/srv' }],
    ['--inspect node --inspect app.js', 'node --inspect app.js', { inspect: true }],
  ];
  for (const [line, words, options] of rows) {
    const { given, ...found } = gathered(await parse(line));
    assert.deepEqual([found.kind, found.section], ['run', 'run'], line);
    assert.deepEqual(given, { ...options, ...(words && { command: words.split(' ') }) }, line);
  }
  const { given } = gathered(await parseCommandLine(['--', 'printf', '', '-x'], '1', {}));
  assert.deepEqual(given.command, ['printf', '', '-x'], 'an empty word is an argument');
});

test('dev and unit take the options of a run before and after their name', async () => {
  const rows: [line: string, words: string, options?: object][] = [
    ['dev -- node app.js', 'node app.js'],
    ['dev node app.js --watch', 'node app.js --watch'],
    ['dev --watch src lib -- node app.js', 'node app.js', { watch: ['src', 'lib'] }],
    ['-w 2 dev --env-file a --env-file b -- x', 'x', { workers: '2', envFile: ['a', 'b'] }],
    ['--drain-timeout 5s dev --drain-timeout 6s -- x', 'x', { drainTimeout: '6s' }],
    ['dev --watch-poll -- dev', 'dev', { watchPoll: true }],
    ['unit -w 2 -- node a.js --user x', 'node a.js --user x', { workers: '2' }],
    ['unit -w 2 node a.js -- --socket', 'node a.js -- --socket', { workers: '2' }],
    ['-w 3 unit -w 2 -- unit', 'unit', { workers: '2' }],
  ];
  for (const [line, words, options] of rows) {
    const { kind, section, given } = gathered(await parse(line));
    const isDev = line.includes('dev');
    assert.deepEqual([kind, section], isDev ? ['run', 'dev'] : ['unit', 'run'], line);
    assert.deepEqual(given, { ...options, command: words.split(' ') }, line);
  }
  const unit = await parse('unit --socket --user www node', { GRACEFUL_RUN_READY: 'fd' });
  assert.ok(unit.kind === 'unit');
  assert.deepEqual([unit.flags.socket, unit.flags.user], [true, 'www']);
  assert.equal(unit.given.ready, 'fd', 'the service does not have the variable');
});

test('the client commands take their own options, and those of a run before their name', async () => {
  const rows: [line: string, command: string, options: object, size?: string][] = [
    ['reload', 'reload', { wait: true }],
    ['reload --no-wait', 'reload', { wait: false }],
    ['--name web reload', 'reload', { wait: true, name: 'web' }],
    ['status --json --control /run/x.sock', 'status', { json: true, control: '/run/x.sock' }],
    ['stop --now', 'stop', { now: true }],
    ['scale max --name web', 'scale', { name: 'web' }, 'max'],
  ];
  for (const [line, command, options, size] of rows) {
    assert.deepEqual(await parse(line), { kind: 'client', command, options, size }, line);
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
    ['sacle 4', 'sacle', 'scale'],
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
  for (const line of ['stpo', './relod', '-- relod', 'server']) {
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
  const printed = (line: string) =>
    outputOf(t, async () => assert.equal((await parse(line)).kind, 'done', line));
  const help = await printed('--help');
  assert.match(help, /^Usage: graceful-run \[options\] -- <command>/);
  for (const { signals, meaning } of SIGNALS) {
    const names = signals.map((name) => name.slice(3)).join(', ');
    const line = new RegExp(`^  ${names} +${meaning.replace(/[;]/g, '\\$&')}$`, 'm');
    assert.match(help, line);
  }
  assert.equal(await printed('-V'), '1.2.3\n');
  assert.equal(await printed('help'), help);
  const ofReload = await printed('reload --help');
  assert.match(ofReload, /--no-wait/);
  assert.equal(await printed('help reload'), ofReload);
  const ofDev = await printed('dev --help');
  for (const text of [help, ofDev]) {
    assert.match(text, /^Times: 500ms, 30s, 5m; a bare number is seconds\./m);
    assert.match(text, /\(env:\s+GRACEFUL_RUN_INSPECT\)/);
  }
  assert.match(ofDev, /^Commands at a terminal: r \+ enter reload, .* q quit$/m);
});
