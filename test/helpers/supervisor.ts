// Runs the built command as a user would: a real process in a directory of its own, its log read line by
// line, and nothing of it left when the test ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ending, FailureCause } from '../../src/core/failure.js';
import { readProcess } from '../../src/linux/proc-process.js';
import type { StatusReport } from '../../src/status/report-types.js';
import { V8_FLAGS } from '../../src/v8-flags.js';
import { eventually, Hopeless } from './eventually.js';
import { bin, fixture, node } from './paths.js';
import { type Finished, finished } from './processes/finished.js';

export interface LogLine {
  readonly level: number;
  readonly time: string;
  readonly msg: string;
  readonly event?: string;
  readonly census?: string;
  readonly generation?: number;
  readonly worker?: number;
  readonly workerPid?: number;
  readonly reason?: string;
  /** Kind of a failure and, of a process that ended, how. */
  readonly cause?: FailureCause['type'];
  readonly ending?: Ending;
  readonly status?: number;
  /** Of --max-draining. */
  readonly limit?: number;
  readonly durationMs?: number;
}

export interface SupervisorOptions {
  /** Working directory; a fresh one when absent. */
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Descriptors to pass from 3 on, announced by LISTEN_FDS as systemd would. */
  readonly inherit?: readonly { readonly fd: number; readonly name?: string }[];
  /** Path of a socket to which a descriptor is connected, as OpenFile= of a unit does. */
  readonly notifyFd?: string;
  /** A program with arguments that becomes the master at last. */
  readonly through?: readonly string[];
  /** One that somebody left open: it is number 40 of the master. */
  readonly stray?: number;
}

export interface Supervisor {
  readonly pid: number;
  readonly cwd: string;
  readonly child: ChildProcess;
  /** Lines of the master's log so far. */
  log(): readonly LogLine[];
  /** What the master and its workers wrote besides. */
  output(): string;
  /** Waits for a line of the log; counts from `after`, the length of the log at an earlier moment. */
  logged(what: string | ((line: LogLine) => boolean), after?: number): Promise<LogLine>;
  /** Waits until the output contains this text so many times. */
  wrote(text: string, times?: number): Promise<void>;
  /** Runs a client command against it. */
  client(...args: string[]): Promise<Finished>;
  status(): Promise<StatusReport>;
  /** Waits until this generation serves and nothing else is left. */
  settled(generation?: number): Promise<StatusReport>;
  signal(signal: NodeJS.Signals): void;
  /** Waits for the exit of the master. */
  exited(): Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
}

/** A directory that is gone when the test has ended. */
export function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'gr-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts `graceful-run ...args`; `args` include the `--` and the command. */
export function startSupervisor(
  t: TestContext,
  args: readonly string[],
  options: SupervisorOptions = {},
): Supervisor {
  const cwd = options.cwd ?? scratch(t);
  const runtime = scratch(t);
  const env = { ...cleanEnvironment(), XDG_RUNTIME_DIR: runtime, PWD: cwd, ...options.env };
  const child = spawnMaster(args, cwd, env, options);
  const lines: LogLine[] = [];
  let output = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (process.env.TAIL) process.stderr.write(text);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (process.env.TAIL) process.stderr.write(text);
    rest += text;
    const complete = rest.split('\n');
    rest = complete.pop() ?? '';
    for (const line of complete) {
      if (line.startsWith('{"level"')) lines.push(JSON.parse(line) as LogLine);
      else output += `${line}\n`;
    }
  });
  const exit = once(child, 'exit').then(([status, signal]) => ({ status, signal }));
  const seen = new Set<number>();
  t.after(async () => {
    for (const { workerPid } of lines) if (workerPid) seen.add(workerPid);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exit;
    try {
      await areGone(seen);
    } finally {
      if (!(t as unknown as { passed?: boolean }).passed) {
        const log = lines.map((line) => line.msg).join('\n');
        t.diagnostic(`log:\n${log}\noutput:\n${output}${rest}`);
      }
    }
  });

  const self: Supervisor = {
    pid: child.pid ?? 0,
    cwd,
    child,
    log: () => lines,
    output: () => output + rest,
    async logged(what, after = 0) {
      const matches = typeof what === 'string' ? (line: LogLine) => line.event === what : what;
      const found = await eventually(`log line ${what}`, () => {
        const line = lines.slice(after).find(matches);
        if (!line && child.stderr?.readableEnded) {
          const text = [...lines.map(({ msg }) => msg), output].join('\n');
          throw new Hopeless(`the master is gone:\n${text}`);
        }
        return line;
      });
      return found as LogLine;
    },
    async wrote(text, times = 1) {
      const count = () => (output + rest).split(text).length - 1;
      await eventually(`${times} of '${text}' in the output`, count, (found) => found >= times);
    },
    client: (...words) => runCommand(words, { cwd, env }),
    async status() {
      const { stdout, stderr } = await runCommand(['status', '--json'], { cwd, env });
      if (!stdout) throw new Error(stderr);
      const report = JSON.parse(stdout) as StatusReport;
      for (const { pid } of report.workers) if (pid !== null) seen.add(pid);
      return report;
    },
    settled: (generation) =>
      eventually(
        `generation ${generation ?? '(any)'} serves alone`,
        () => self.status(),
        (report) =>
          report.phase === 'serving' &&
          (generation === undefined || report.generation === generation) &&
          report.workers.length === report.workersWanted &&
          report.workers.every(
            (one) => one.state === 'ready' && one.generation === report.generation,
          ),
      ),
    signal: (signal) => void process.kill(child.pid ?? 0, signal),
    exited: () => exit,
  };
  return self;
}

/** Runs `graceful-run ...args` to its end. */
export async function runCommand(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Finished> {
  const child = spawn(node, [bin, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return finished(child);
}

/** The environment of the tests without what another supervisor, or the test runner, put in. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(GRACEFUL_RUN_|LISTEN_|NODE_|XDG_RUNTIME_DIR|RUNTIME_DIRECTORY|NOTIFY_|npm_)/.test(name))
      delete env[name];
  }
  return env;
}

/** As systemd does: the variables name the pid of the very process, which only a shell in between can know. */
function spawnMaster(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  { inherit = [], stray, notifyFd, through = [] }: SupervisorOptions,
): ChildProcess {
  const command = [...through, node, ...V8_FLAGS, bin, '--log-format', 'json', ...args];
  const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe'];
  stdio.push(...inherit.map(({ fd }) => fd));
  if (stray !== undefined) {
    while (stdio.length < 40) stdio.push('ignore');
    stdio.push(stray);
  }
  if (notifyFd !== undefined) {
    const script = [fixture('notify-fd.pl'), notifyFd, ...command];
    return spawn('perl', script, { cwd, env, stdio });
  }
  if (inherit.length === 0) return spawn(command[0] ?? '', command.slice(1), { cwd, env, stdio });
  const names = inherit.map(({ name }, i) => name ?? `socket${i}`).join(':');
  const variables = { LISTEN_FDS: String(inherit.length), LISTEN_FDNAMES: names };
  const script = 'LISTEN_PID=$$ exec "$@"';
  return spawn('/bin/sh', ['-c', script, 'sh', ...command], {
    cwd,
    env: { ...env, ...variables },
    stdio,
  });
}

/** The kernel ends the workers with their master; who is left all the same fails the test, and is killed. */
async function areGone(workers: ReadonlySet<number>): Promise<void> {
  const left = () => [...workers].filter(isRunning);
  try {
    await eventually('no worker is left', left, ({ length }) => length === 0, 5000);
  } finally {
    for (const pid of left()) process.kill(pid, 'SIGKILL');
  }
}

/** Alive, and not a zombie. */
export const isRunning = (pid: number): boolean => readProcess(pid) !== null;

/** Numbers of the descriptors that a process has open. */
export function descriptorsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`);
}
