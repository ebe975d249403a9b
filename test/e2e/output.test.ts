// The output of real workers behind --output prefix and json arrives complete and in order, also at a slow reader.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { eventually } from '../helpers/eventually.js';
import { bin, fixture, node } from '../helpers/paths.js';
import { finished } from '../helpers/processes/finished.js';
import { deploy } from '../helpers/releases/deploy.js';
import {
  runCommand,
  type Supervisor,
  type SupervisorOptions,
  scratch,
  startSupervisor,
} from '../helpers/supervisor.js';
import { pidOf, served } from '../helpers/wait-generation.js';

const PREFIX = ['--output', 'prefix'];
const JSON_LINES = ['--output', 'json'];
/** For the client commands as well. */
const NAME = { GRACEFUL_RUN_NAME: 'web' };
/** A shell reports that it is ready, and then stays. */
const READY = 'echo >&$READY_FD';
const STAY = 'exec sleep 1000';

/** Starts a shell as the worker. */
function start(
  t: TestContext,
  options: readonly string[],
  script: string,
  rest: SupervisorOptions = {},
): Supervisor {
  const words = [...options, '--ready', 'fd', '--', '/bin/sh', '-c', script];
  return startSupervisor(t, words, { ...rest, env: { ...NAME, ...rest.env } });
}

/** An environment without the variables that decide on colours. */
function withoutColors(t: TestContext, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, ...NAME, XDG_RUNTIME_DIR: scratch(t), ...more };
}

const linesOf = (master: Supervisor) => master.output().split('\n').slice(0, -1);

const shows = (master: Supervisor, line: string) =>
  eventually(
    `the line ${line}`,
    () => linesOf(master),
    (lines) => lines.includes(line),
  );

describe('with a prefix', { concurrency: 2 }, () => {
  test('lines that two workers write piece by piece stay whole', async (t) => {
    const pieces = 'printf "$GRACEFUL_RUN_WORKER "; printf $i; printf " ab"; printf "c\\n"';
    const script = `${READY}; i=0; while [ $i -lt 300 ]; do i=$((i+1)); ${pieces}; done; ${STAY}`;
    const master = start(t, [...PREFIX, '-w', '2'], script);
    await shows(master, 'web.1 g1 | 1 300 abc');
    await shows(master, 'web.2 g1 | 2 300 abc');
    for (const slot of [1, 2]) {
      const own = linesOf(master).filter((line) => line.startsWith(`web.${slot} `));
      const wanted = Array.from({ length: 300 }, (_, i) => `web.${slot} g1 | ${slot} ${i + 1} abc`);
      assert.deepEqual(own, wanted);
    }
    assert.equal(linesOf(master).length, 600);
  });

  test('stdout stays stdout, and stderr stderr; a line without its end comes with the end', async (t) => {
    const script = 'echo out; echo err >&2; printf "last words"; exit 3';
    const words = ['--control', 'none', '--ready', 'fd', '--', '/bin/sh', '-c', script];
    const { status, stdout, stderr } = await runCommand([...PREFIX, ...words], {
      cwd: scratch(t),
      env: withoutColors(t),
    });
    assert.equal(status, 1);
    assert.equal(stdout, 'web.1 g1 | out\nweb.1 g1 | last words\n');
    assert.match(stderr, /^web\.1 g1 \| err$/m);
  });

  test('the last line of a worker is written before the master ends, 5 times in a row', async (t) => {
    const command = ['/bin/sh', '-c', 'seq 3000 >&2; exit 1'];
    const words = [...PREFIX, '--control', 'none', '--log-format', 'json', '--', ...command];
    for (let i = 0; i < 5; i += 1) {
      const options = { cwd: scratch(t), env: withoutColors(t) };
      const { status, stderr } = await runCommand(words, options);
      assert.equal(status, 1);
      assert.match(stderr, /^\{.*"event":"rolledBack".*$/m);
      assert.match(stderr, /^web\.1 g1 \| 3000$/m);
    }
  });

  test('a process that a worker leaves behind may go on writing, and does not delay the exit of the worker', async (t) => {
    const cwd = scratch(t);
    spawnSync('mkfifo', [join(cwd, 'gate')]);
    const script = `
      [ $GRACEFUL_RUN_GENERATION = 1 ] && { ${READY}; ${STAY}; }
      printf 'last words'
      setsid timeout 60 cat gate &
      until [ -e /proc/$! ] && [ "$(cat /proc/$!/comm)" = timeout ]; do :; done
      exit 1`;
    const master = start(t, PREFIX, script, { cwd });
    await served(master);
    assert.equal((await master.client('reload')).status, 1);
    await shows(master, 'web.1 g2 | last words');
    writeFileSync(join(cwd, 'gate'), 'late\n');
    await shows(master, 'web.1 g2 | late');
  });

  test('binary output breaks neither the lines after it nor a reload', async (t) => {
    const bytes = `i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done`;
    const script = `${bytes}; head -c 300000 /dev/urandom; echo; echo end; ${READY}; ${STAY}`;
    for (const options of [PREFIX, JSON_LINES]) {
      const master = start(t, options, script);
      await served(master);
      await eventually(
        'the line after it',
        () => linesOf(master).at(-1) ?? '',
        (line) => line === 'web.1 g1 | end' || line.includes('"msg":"end"'),
      );
      if (options === JSON_LINES) for (const line of linesOf(master)) JSON.parse(line);
      assert.equal((await master.client('reload')).status, 0);
    }
  });
});

describe('a reader that', () => {
  const LINES = 64_000;

  test('stops for a while gets all of it in order, and the master keeps none of it', async (t) => {
    const words = [...PREFIX, '--ready', 'ipc', '--', node, fixture('floods.mjs')];
    const master = startSupervisor(t, words, { env: { ...NAME, LINES: String(LINES) } });
    master.child.stdout?.pause();
    const worker = await pidOf(master, 1);
    // The master answers, and the worker stands still.
    let [before, times] = [-1, 0];
    await eventually('the worker waits', async () => {
      await master.status();
      const now = writtenBy(worker);
      times = now === before && now > 0 ? times + 1 : 0;
      before = now;
      return times === 5;
    });
    assert.ok(before < 2_000_000, `${before} bytes were taken`);
    const [{ resident }] = [memoryOf(master.pid)];
    master.child.stdout?.resume();
    await served(master);
    const last = new RegExp(`^web\\.1 g1 \\| ${LINES} x+\\n$`, 'm');
    await eventually('the last line', () => last.test(master.output().slice(-1000)));
    const numbers = linesOf(master).map((line) => /^web\.1 g1 \| (\d+) x{500}$/.exec(line)?.[1]);
    assert.deepEqual(
      numbers,
      Array.from({ length: LINES }, (_, i) => String(i + 1)),
    );
    const { most } = memoryOf(master.pid);
    assert.ok(most - resident < 24_000, `${most - resident} kB more for ${LINES / 2000} MB`);
  });

  test('reads nothing any more stops neither a reload nor the end', async (t) => {
    const cwd = scratch(t);
    const flood = 'head -c 3000000 /dev/zero | tr "\\0" "x"';
    deploy(join(cwd, 'run.sh'), `${READY}; ${flood}; ${STAY}`);
    const master = start(t, PREFIX, '. ./run.sh', { cwd });
    master.child.stdout?.pause();
    await served(master);
    deploy(join(cwd, 'run.sh'), `${READY}; ${STAY}`);
    assert.equal((await master.client('reload')).status, 0);
    const stop = await master.client('stop');
    assert.equal(stop.status, 0, stop.stderr);
    assert.deepEqual(await master.exited(), { status: 0, signal: null });
  });

  test('is slow at the end gets the rest of it', async (t) => {
    // More than its pipe holds, and less than worker and master hold together.
    const script = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); printf "%01000d\\n" $i; done; exit 1';
    const master = start(t, [...PREFIX, '--control', 'none'], script);
    master.child.stdout?.pause();
    await master.logged('shutdownDone');
    master.child.stdout?.resume();
    assert.deepEqual(await master.exited(), { status: 1, signal: null });
    await shows(master, `web.1 g1 | ${'300'.padStart(1000, '0')}`);
    assert.equal(linesOf(master).length, 300);
  });
});

test('with --output json stdout has a record for each line of both streams', async (t) => {
  const script = `echo 'said "so"'; echo oops >&2; printf 'no end'; ${READY}; ${STAY}`;
  const master = start(t, JSON_LINES, script);
  const { workers } = await served(master);
  master.signal('SIGTERM');
  await master.exited();
  await eventually('all lines', () => linesOf(master).length === 3);
  const facts = { name: 'web', generation: 1, worker: 1, workerPid: workers[0]?.pid };
  const records = linesOf(master).map((line) => {
    const { time, ...record } = JSON.parse(line);
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    return record;
  });
  const byMessage = (a: { msg: string }, b: { msg: string }) => (a.msg < b.msg ? -1 : 1);
  assert.deepEqual(records.sort(byMessage), [
    { level: 30, ...facts, stream: 'stdout', msg: 'no end' },
    { level: 40, ...facts, stream: 'stderr', msg: 'oops' },
    { level: 30, ...facts, stream: 'stdout', msg: 'said "so"' },
  ]);
});

test('the last lines of a failed worker are a part of the verdict', async (t) => {
  const cwd = scratch(t);
  const run = join(cwd, 'run.sh');
  deploy(run, `${READY}; ${STAY}`);
  const master = start(t, PREFIX, '. ./run.sh', { cwd });
  await served(master);
  const steps = 'for i in $(seq 25); do echo step $i >&2; done';
  deploy(run, `echo first; ${steps}; exit 7`);
  const shown = Array.from({ length: 20 }, (_, i) => `  step ${i + 6}\n`).join('');
  const { status, stderr } = await master.client('reload');
  assert.equal(status, 1);
  const verdict = ` exited with status 7 before it was ready\nlast lines of the worker:\n${shown}`;
  assert.ok(stderr.endsWith(verdict), stderr);
  // One that says nothing has no lines, and not those of the one before.
  deploy(run, 'exit 7');
  const silent = await master.client('reload');
  assert.match(silent.stderr, /exited with status 7 before it was ready\n$/);
});

test('neither reasons nor last lines nor addresses send control characters to a terminal', async (t) => {
  const cwd = scratch(t);
  const app = join(cwd, 'app.mjs');
  deploy(app, "import net from 'node:net'; net.createServer().listen('./\\u009b2J.sock');");
  const master = startSupervisor(t, [...PREFIX, '--', node, 'app.mjs'], { cwd, env: NAME });
  await served(master);
  deploy(app, "throw new Error('bad \\x1b[2J\\x1b]0;x\\x07 \\u009b2J\\x07 thing');");
  const { stderr } = await master.client('reload');
  const { stdout } = await master.client('status');
  const { msg } = await master.logged('rolledBack');
  for (const text of [stderr, stdout, msg]) {
    assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
    assert.equal(text.match(/: Error: bad {2}2J thing$/gm)?.length, 1, text);
  }
  const { stdout: json } = await master.client('status', '--json');
  assert.match(json, /\\u009b2J\.sock/);
  assert.doesNotMatch(json, /[^\P{Cc}\n]/u);
});

const hasScript = spawnSync('script', ['--version']).error === undefined;

test('colours and the variables for them are for terminals', {
  skip: hasScript ? false : 'no script(1) here',
}, async (t) => {
  const app = join(scratch(t), 'app.sh');
  writeFileSync(app, '#!/bin/sh\nprintf "colours: %s\\033[2J\\033[1m\\n" "$FORCE_COLOR"\nexit 1\n');
  chmodSync(app, 0o755);
  const coloured = '\x1b[0;36mweb.1 g1 |\x1b[0m ';
  const rows: [terminal: boolean, output: string, env: NodeJS.ProcessEnv, text: string][] = [
    [true, 'prefix', {}, `${coloured}colours: 2\x1b[1m\x1b[0m`],
    [true, 'prefix', { NO_COLOR: '1' }, 'web.1 g1 | colours: \x1b[1m\x1b[0m'],
    [false, 'prefix', {}, 'web.1 g1 | colours: \x1b[2J\x1b[1m'],
    [true, 'json', {}, '"msg":"colours: \\u001b'],
    // It has one FORCE_COLOR for both streams, and stderr is a file.
    [true, 'prefix 2>/dev/null', {}, `${coloured}colours: \x1b[1m\x1b[0m`],
  ];
  for (const [terminal, output, more, text] of rows) {
    const words = [node, bin, '--control', 'none', '--output', ...output.split(' '), '--', app];
    const command = terminal ? ['script', '-qec', words.join(' '), '/dev/null'] : words;
    const [file = '', ...args] = command;
    const env = withoutColors(t, { TERM: 'xterm-256color', ...more });
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const { status, stdout } = await finished(child);
    assert.equal(status, 1);
    assert.ok(stdout.includes(text), JSON.stringify([stdout, output, more]));
  }
});

/** Bytes that a process has written, proc_pid_io(5). */
function writtenBy(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1]);
}

/** Kilobytes in memory, now and at the most since the start. */
function memoryOf(pid: number): { resident: number; most: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
  return { resident: number('VmRSS'), most: number('VmHWM') };
}
