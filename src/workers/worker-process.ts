// One worker process: started, through the exec shim unless it is Node, spoken to over IPC, reported when it is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { describeError } from '../errors.js';
import { type MasterMessage, WIRE_CMD, type WorkerMessage } from '../ipc-protocol.js';
import { now } from '../linux/monotonic-clock.js';
import { inPackage } from '../package-root.js';
import type { Found } from './find-command.js';
import { howItEnded, summarizeException } from './how-it-ended.js';
import { readyFdOf, stdioOf } from './stdio-layout.js';

const SHIM = inPackage('native-free-shims/exec-worker.sh');
/** How long the last messages of a dead worker are waited for, if something else holds its channel open. */
const LAST_WORDS_MS = 100;
const LAST_EXCEPTION_MS = 2000;

export interface SpawnOptions {
  /** What the command names. */
  readonly found: Found;
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
  /** With a pipe behind them, for a newline. */
  readonly readyPipe: boolean;
  /** Its output comes here, and does not go where that of the master goes. */
  readonly outputPipes: boolean;
  /** Program and arguments that make the kernel kill the worker when the master dies; empty without. */
  readonly deathSignal: readonly string[];
  /** Descriptors of the master that are not the worker's business. */
  readonly leaked: readonly number[];
  /** Ignored from the start, until the program sets a handler of its own. */
  readonly ignoredSignals: readonly NodeJS.Signals[];
}

export interface Ended {
  readonly reason: string;
  readonly signal?: NodeJS.Signals;
  readonly detail?: string;
  readonly status?: number;
}

export interface WorkerListener {
  /** From the preload or the worker library. */
  heard(message: WorkerMessage, handle: unknown): void;
  /** From the app itself: `process.send()`. */
  said(message: unknown): void;
  ended(how: Ended): void;
}

export interface WorkerProcess {
  readonly pid: number;
  readonly mark: string;
  readonly readyPipe: Readable | null;
  readonly output: { readonly stdout: Readable; readonly stderr: Readable } | null;
  /** True when the preload runs in it and can be reached. */
  hasPreload(): boolean;
  send(message: MasterMessage, handle?: unknown): void;
  signal(signal: NodeJS.Signals): void;
}

/** Starts a worker. A failure to start is reported as its end, like any other; then null is returned. */
export function startWorker(options: SpawnOptions, listener: WorkerListener): WorkerProcess | null {
  const problem = problemWith(options);
  if (problem) {
    setImmediate(() => listener.ended(problem));
    return null;
  }
  const failed = (error: unknown) =>
    listener.ended({ reason: `could not be started: ${describeError(error)}`, status: 1 });
  try {
    const child = spawnChild(options);
    if (child.pid !== undefined) return follow(child, child.pid, options, listener);
    child.once('error', failed);
  } catch (error) {
    // Node throws some of them (E2BIG, ENOMEM), and reports the others.
    setImmediate(failed, error);
  }
  return null;
}

/** What would be reported as ENOENT of another program, of the shell or of setpriv. */
function problemWith({ found, cwd }: SpawnOptions): Ended | null {
  try {
    if (!statSync(cwd).isDirectory())
      return { reason: `could not be started: ${cwd} is no directory`, status: 1 };
  } catch (error) {
    const problem = `working directory ${cwd}: ${describeError(error)}`;
    return { reason: `could not be started: ${problem}`, status: 1 };
  }
  if ('file' in found) return null;
  return { reason: `could not be started: ${found.reason}`, status: found.status };
}

function spawnChild(options: SpawnOptions): ChildProcess {
  const [file = '', ...args] = [
    ...options.deathSignal,
    // The preload of a Node does what the shim would do.
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
  listener: WorkerListener,
): WorkerProcess {
  let preload = false;
  let exception: { text: string; at: number } | null = null;
  child.on('internalMessage', (message: { cmd?: string } & WorkerMessage, handle: unknown) => {
    if (message?.cmd !== WIRE_CMD) return;
    if (message.type === 'started') preload = true;
    if (message.type === 'exception') {
      exception = { text: summarizeException(message.text), at: now() };
    }
    listener.heard(message, handle);
  });
  child.on('message', (message) => listener.said(message));
  // Sending to a worker that is about to die fails here; its exit says all there is to say.
  child.on('error', () => {});
  child.once('exit', (status, signal) => {
    whenSilent(child, () => {
      const reason = howItEnded(status, signal);
      // One that the app survived for a while is not what ended it.
      const recent = exception && now() - exception.at < LAST_EXCEPTION_MS;
      listener.ended({
        reason,
        ...(signal && { signal }),
        ...(recent && exception && { detail: exception.text }),
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
      child.send({ cmd: WIRE_CMD, ...message }, handle as never, {}, () => {});
    },
    signal: (signal) => void child.kill(signal),
  };
}

/** SIGCHLD can overtake the last message: the channel is read to its end first. */
function whenSilent(child: ChildProcess, callback: () => void): void {
  if (!child.connected) return callback();
  const timer = setTimeout(() => child.disconnect(), LAST_WORDS_MS);
  child.once('disconnect', () => {
    clearTimeout(timer);
    callback();
  });
}
