// The terminal under a real terminal: keys, modes, jobs. Modes are those that stty(1) and the kernel tell.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { finished } from '../helpers/finished.js';
import { fixture, node } from '../helpers/paths.js';
import {
  assertCooked,
  COOKED,
  openPseudoTerminal,
  openShell,
  type PseudoTerminal,
  RAW,
} from '../helpers/pseudo-terminal.js';
import { cleanEnvironment, scratch } from '../helpers/supervisor.js';

const env = { ...cleanEnvironment(), TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1', PS1: '\\$ ' };
const command = `${node} ${fixture('uses-terminal.mjs')}`;
const KEYS = 'keys      r reload';
function open(t: TestContext, words: readonly string[], more: NodeJS.ProcessEnv = {}) {
  return openPseudoTerminal(t, words, { cwd: scratch(t), env: { ...env, ...more } });
}

/** Runs it in the foreground of a shell; resolves with its pid. */
async function start(terminal: PseudoTerminal, how = command): Promise<number> {
  const before = terminal.output().length;
  terminal.type(`${how}\n`);
  const [, pid] = await terminal.shows(/^pid (\d+)\n/m, before);
  return Number(pid);
}

const stateOf = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[0];
const gone = (pid: number) => eventually('its end', () => !existsSync(`/proc/${pid}`));
const ticksOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
};

test('the banner, and each key', async (t) => {
  const terminal = open(t, command.split(' '));
  await terminal.shows('pid ');
  const link = '\x1b]8;;http://localhost:3000\x1b\\http://localhost:3000\x1b]8;;\x1b\\';
  assert.ok(
    terminal
      .output()
      .startsWith(
        'graceful-run 1.2.3  web\n' +
          'keys      r reload  s status  c clear  h help  q quit\n' +
          '▸ g1 serves, 0ms\n',
      ),
    terminal.output(),
  );
  await terminal.shows(`serving   ${link}\nwatching  nothing\n`);
  await terminal.hasModes(RAW);
  const rows: [key: string, shows: string][] = [
    ['r', '[reload]\n'],
    ['h', '\n  r       reload'],
    ['s', '\n[status]\n\n'],
    ['\x1b[A?', 'Ctrl-Z  suspend'],
    ['\r', '\n'],
    ['c', '\x1b[2J\x1b[3J\x1b[H'],
    ['q', '[stop]\n'],
  ];
  for (const [key, shows] of rows) {
    const before = terminal.output().length;
    terminal.type(key);
    await terminal.shows(shows, before);
  }
  assert.equal(await terminal.exited(), 0);
});

test('rs and Enter reload once, and s behind r is told when no Enter came', async (t) => {
  const terminal = open(t, command.split(' '));
  await terminal.shows('pid ');
  await terminal.hasModes(RAW);
  const before = terminal.output().length;
  terminal.type('rs\rrs');
  await terminal.shows('[status]', before);
  assert.equal(terminal.output().slice(before), '[reload]\n[reload]\n\n[status]\n\n');
});

const ENDS: [name: string, end: (terminal: PseudoTerminal, pid: number) => void][] = [
  ['q', (terminal) => terminal.type('q')],
  ['Ctrl-C', (terminal) => terminal.type('\x03')],
  ['Ctrl-D', (terminal) => terminal.type('\x04')],
  ['Ctrl-\\', (terminal) => terminal.type('\x1c')],
  ['SIGTERM', (_, pid) => process.kill(pid, 'SIGTERM')],
  ['SIGINT', (_, pid) => process.kill(pid, 'SIGINT')],
];
for (const [name, end] of ENDS) {
  test(`after ${name} the modes are what they were`, async (t) => {
    // No shell with jobs, which would set them itself.
    const terminal = open(t, ['sh', '-c', `${command}; echo ended; sleep 60`]);
    const [, pid] = await terminal.shows(/pid (\d+)/);
    await terminal.hasModes(RAW);
    end(terminal, Number(pid));
    await terminal.shows('ended');
    await terminal.hasModes(COOKED);
    terminal.type('\x03');
  });
}

test('after a SIGKILL bash has its own modes', async (t) => {
  const terminal = await openShell(t, { cwd: scratch(t), env });
  const pid = await start(terminal);
  await terminal.hasModes(RAW);
  process.kill(pid, 'SIGKILL');
  await terminal.shows('Killed');
  await assertCooked(terminal);
});

test('Ctrl-Z stops the job, and fg brings it back with its keys', async (t) => {
  const terminal = await openShell(t, { cwd: scratch(t), env });
  const pid = await start(terminal);
  for (const round of [1, 2]) {
    await terminal.hasModes(RAW);
    let before = terminal.output().length;
    terminal.type('\x1a');
    await terminal.shows(/suspended, the workers go on serving[\s\S]*Stopped/, before);
    assert.equal(stateOf(pid), 'T', String(round));
    await assertCooked(terminal);
    before = terminal.output().length;
    terminal.type('fg\n');
    await terminal.shows('g1 serves; h shows the keys', before);
    await terminal.hasModes(RAW);
    terminal.type('r');
    await terminal.shows('[reload]', before);
  }
  terminal.type('q');
  await gone(pid);
  await assertCooked(terminal);
});

for (const signal of ['SIGTSTP', 'SIGSTOP'] as const) {
  test(`so it does after a ${signal}`, async (t) => {
    const terminal = await openShell(t, { cwd: scratch(t), env });
    const pid = await start(terminal);
    await terminal.hasModes(RAW);
    let before = terminal.output().length;
    process.kill(pid, signal);
    await terminal.shows('Stopped', before);
    await assertCooked(terminal);
    before = terminal.output().length;
    terminal.type('fg\n');
    await terminal.shows('g1 serves; h shows the keys', before);
    await terminal.hasModes(RAW);
    terminal.type('q');
    await gone(pid);
    await assertCooked(terminal);
  });
}

/** The shell keeps its terminal, and the job neither stops nor spins. */
async function assertLeavesTerminal(terminal: PseudoTerminal, pid: number): Promise<void> {
  const before = terminal.output().length;
  const ticks = ticksOf(pid);
  await assertCooked(terminal);
  // What is typed goes to the shell alone.
  terminal.type('printf "%s\\n" 1 q r "a""b"; sleep 1\n');
  await terminal.shows(/1\nq\nr\nab\n.*[$#] $/, before);
  assert.match(stateOf(pid) ?? '', /[SR]/);
  assert.ok(ticksOf(pid) - ticks < 50, `${ticksOf(pid) - ticks} ticks`);
  assert.doesNotMatch(terminal.output().slice(before), /\[(reload|stop|scaleBy)\]/);
}

test('in the background it leaves the terminal alone, until fg', async (t) => {
  const terminal = await openShell(t, { cwd: scratch(t), env });
  const pid = await start(terminal, `${command} &`);
  assert.ok(!terminal.output().includes(KEYS));
  await assertLeavesTerminal(terminal, pid);
  const before = terminal.output().length;
  terminal.type('fg\n');
  await terminal.shows('g1 serves; h shows the keys', before);
  await terminal.hasModes(RAW);
  terminal.type('q');
  await gone(pid);
  await assertCooked(terminal);
});

for (const signal of ['SIGTSTP', 'SIGSTOP'] as const) {
  test(`a job that goes on in the background after a ${signal} leaves it alone, also at its end`, async (t) => {
    const terminal = await openShell(t, { cwd: scratch(t), env });
    const pid = await start(terminal);
    await terminal.hasModes(RAW);
    if (signal === 'SIGTSTP') terminal.type('\x1a');
    else process.kill(pid, signal);
    await terminal.shows('Stopped');
    terminal.type('bg\n');
    await eventually('it goes on', () => stateOf(pid) !== 'T');
    await assertLeavesTerminal(terminal, pid);
    process.kill(pid, 'SIGTERM');
    await gone(pid);
    await assertCooked(terminal);
  });
}

test('from a background into which it was forced, fg brings its keys back', async (t) => {
  const terminal = await openShell(t, { cwd: scratch(t), env });
  const pid = await start(terminal);
  await terminal.hasModes(RAW);
  process.kill(pid, 'SIGSTOP');
  await terminal.shows('Stopped');
  terminal.type('bg\n');
  await eventually('it goes on', () => stateOf(pid) !== 'T');
  await assertCooked(terminal);
  const before = terminal.output().length;
  terminal.type('fg\n');
  await terminal.shows('g1 serves; h shows the keys', before);
  await terminal.hasModes(RAW);
  terminal.type('rq');
  await terminal.shows('[reload]\n[stop]\n', before);
  await gone(pid);
  await assertCooked(terminal);
});

test('nobody could wake an orphan: Ctrl-Z leaves it running', async (t) => {
  const terminal = open(t, command.split(' '));
  await terminal.shows('pid ');
  await terminal.hasModes(RAW);
  terminal.type('\x1a');
  await terminal.shows('not suspended: nothing here could wake it again\n');
  await terminal.hasModes(RAW);
  terminal.type('q');
  assert.equal(await terminal.exited(), 0);
});

test('a terminal that is closed is a reason to stop', async (t) => {
  const alone = open(t, command.split(' '));
  await alone.shows('pid ');
  alone.hangUp();
  assert.equal(await alone.exited(), 0);
  for (const how of [command, `${command} &`]) {
    const terminal = await openShell(t, { cwd: scratch(t), env });
    const pid = await start(terminal, how);
    terminal.hangUp();
    await gone(pid);
  }
});

test('without a terminal there are no keys, and nothing is read', async () => {
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = spawn(node, [fixture('uses-terminal.mjs')], { env, stdio: [...stdio] });
  child.stdin.write('r\nq\n');
  const end = finished(child as never);
  let output = '';
  child.stdout.on('data', (text: string) => {
    output += text;
  });
  await eventually('its start', () => output.includes('watching'));
  child.kill('SIGTERM');
  const { status, stdout, stderr } = await end;
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.equal(
    stdout.replace(/^pid .*\n/m, ''),
    'graceful-run 1.2.3  web\n▸ g1 serves, 0ms\n' +
      'serving   http://localhost:3000\nwatching  nothing\n[stop]\n',
  );
});

test('where jobs in the background may not write, it is stopped as any other', async (t) => {
  const terminal = await openShell(t, { cwd: scratch(t), env });
  terminal.type(`stty tostop; ${command} & job=$!; wait $job; echo stopped $job\n`);
  const [, pid] = await terminal.shows(/^stopped (\d+)\n/m);
  assert.equal(stateOf(Number(pid)), 'T');
  terminal.type('fg\n');
  await terminal.shows('pid ');
  await terminal.hasModes(RAW);
  terminal.type('q');
  await gone(Number(pid));
  assert.doesNotMatch(terminal.output(), /scaleBy/);
});
