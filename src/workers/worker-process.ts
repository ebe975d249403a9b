// One worker process: starts it, through the exec shim unless it is Node, exchanges IPC messages with it, and reports
// its exit.

import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { now } from 'node-systemd-notify/linux';
import { describeError } from '../errors.js';
import { type FromWorker, MESSAGE_CMD, type ToWorker } from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import { summarizeException } from '../text/exception-text.js';
import type { CommandLookup } from './find-command.js';
import { readyFdOf, stdioOf } from './stdio-layout.js';

const SHIM = inPackage('native-free-shims/exec-worker.sh');
/** How long to wait for the last messages of a worker that has exited, if another process holds its channel open. */
const LAST_MESSAGES_MS = 100;
/** An exception that was reported longer ago than this did not end the worker. */
const LAST_EXCEPTION_MS = 2000;

export interface SpawnOptions {
  /** The file that the command names. */
  readonly found: CommandLookup;
  /** Node itself or a script for it, in which the preload will run. */
  readonly isNode: boolean;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The value by which its descendants are found. */
  readonly mark: string;
  /** Descriptors to pass, from FIRST_FD on. */
  readonly fds: readonly number[];
  /** Pass one more descriptor behind them: a pipe into which the worker writes a newline (`--ready fd`). */
  readonly readyPipe: boolean;
  /** Its output comes through pipes; otherwise it goes where the output of the master goes. */
  readonly outputPipes: boolean;
  /** Program and arguments that make the kernel kill the worker when the master dies; empty where there is none. */
  readonly deathSignal: readonly string[];
  /** Descriptors of the master that the worker must not inherit. */
  readonly leaked: readonly number[];
  /** Ignored from the start, until the program sets a handler of its own. */
  readonly ignoredSignals: readonly NodeJS.Signals[];
}

/** `notStarted`: `status` is what a shell would exit with: 126, 127, else 1. */
export type ProcessEnding =
  | { readonly type: 'status'; readonly status: number }
  | { readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly type: 'notStarted'; readonly status: number; readonly problem: string };

export interface WorkerExit {
  readonly ending: ProcessEnding;
  /** The message and first stack lines of the exception that ended it, if the preload could report one. */
  readonly exception?: string;
}

export interface ProcessEvents {
  /** A message of the preload or of the worker library. */
  onMessage(message: FromWorker, handle: unknown): void;
  /** A message of the app itself: `process.send()`. */
  onAppMessage(message: unknown): void;
  onExit(exit: WorkerExit): void;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly mark: string;
  readonly readyPipe: Readable | null;
  readonly output: { readonly stdout: Readable; readonly stderr: Readable } | null;
  /** True when the preload runs in it and can be reached. */
  hasPreload(): boolean;
  send(message: ToWorker, handle?: unknown): void;
  signal(signal: NodeJS.Signals): void;
}

/** Starts a worker. Returns null when that fails; the failure is reported later by `onExit`, like any other exit. */
export function startWorker(options: SpawnOptions, events: ProcessEvents): WorkerProcess | null {
  const notStarted = (status: number, problem: string) =>
    events.onExit({ ending: { type: 'notStarted', status, problem } });
  const directory = problemWithDirectory(options.cwd);
  if (directory !== null) {
    setImmediate(notStarted, 1, directory);
    return null;
  }
  if ('reason' in options.found) {
    setImmediate(notStarted, options.found.status, options.found.reason);
    return null;
  }
  try {
    const child = spawnChild(options);
    if (child.pid !== undefined) return follow(child, child.pid, options, events);
    child.once('error', (error) => notStarted(1, describeError(error)));
  } catch (error) {
    // Node throws some errors (E2BIG, ENOMEM), and emits the others.
    setImmediate(notStarted, 1, describeError(error));
  }
  return null;
}

/** spawn(2) would report a missing directory as ENOENT of the program. */
function problemWithDirectory(cwd: string): string | null {
  try {
    return statSync(cwd).isDirectory() ? null : `${cwd} is not a directory`;
  } catch (error) {
    return `working directory ${cwd}: ${describeError(error)}`;
  }
}

function spawnChild(options: SpawnOptions): ChildProcess {
  const [file = '', ...args] = [
    ...options.deathSignal,
    // In Node the preload does what the shim would do.
    ...(options.isNode ? [] : shim(options)),
    options.command,
    ...options.args,
  ];
  return spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    // A session and process group of its own: the terminal's Ctrl-C is for the master alone.
    detached: true,
    stdio: stdioOf(options.fds, options.readyPipe, options.leaked, options.outputPipes),
  });
}

function shim({ ignoredSignals, env }: SpawnOptions): string[] {
  const signals = ignoredSignals.map((signal) => signal.slice(3)).join(' ');
  return ['/bin/sh', SHIM, String(process.pid), signals, ...viaEnv(env)];
}

/** A shell drops variables whose names it could not use itself, such as `a.b`: env(1) puts them back. */
function viaEnv(env: NodeJS.ProcessEnv): string[] {
  const odd = Object.entries(env).filter(([name]) => !/^[A-Za-z_]\w*$/.test(name));
  return odd.length === 0 ? [] : ['env', ...odd.map(([name, value]) => `${name}=${value}`)];
}

function follow(
  child: ChildProcess,
  pid: number,
  options: SpawnOptions,
  events: ProcessEvents,
): WorkerProcess {
  let preload = false;
  let exception: { text: string; at: number } | null = null;
  child.on('internalMessage', (message: { cmd?: string } & FromWorker, handle: unknown) => {
    if (message?.cmd !== MESSAGE_CMD) return;
    if (message.type === 'started') preload = true;
    if (message.type === 'exception') {
      exception = { text: summarizeException(message.text), at: now() };
    }
    events.onMessage(message, handle);
  });
  child.on('message', (message) => events.onAppMessage(message));
  // Sending to a worker that is exiting fails here; its exit is reported anyway.
  child.on('error', () => {});
  child.once('exit', (status, signal) => {
    afterLastMessage(child, () => {
      // An exception that the app survived for a while is not what ended it.
      const recent = exception && now() - exception.at < LAST_EXCEPTION_MS ? exception : null;
      events.onExit({
        ending: signal ? { type: 'signal', signal } : { type: 'status', status: status ?? 0 },
        ...(recent && { exception: recent.text }),
      });
    });
  });
  const readyPipe = options.readyPipe
    ? (child.stdio[readyFdOf(options.fds.length)] as Readable)
    : null;
  readyPipe?.on('error', () => {});
  return {
    pid,
    mark: options.mark,
    readyPipe,
    output: child.stdout && child.stderr && { stdout: child.stdout, stderr: child.stderr },
    hasPreload: () => preload && child.connected,
    send(message, handle) {
      if (!child.connected) return;
      child.send({ cmd: MESSAGE_CMD, ...message }, handle as never, {}, () => {});
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** SIGCHLD can overtake the last message, so the channel is read to its end first. */
function afterLastMessage(child: ChildProcess, callback: () => void): void {
  if (!child.connected) return callback();
  const timer = setTimeout(() => child.disconnect(), LAST_MESSAGES_MS);
  child.once('disconnect', () => {
    clearTimeout(timer);
    callback();
  });
}
