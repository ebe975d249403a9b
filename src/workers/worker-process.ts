// One worker process: starts it, through the exec shim unless it is Node, exchanges IPC messages with it, and reports
// its exit.

import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { now } from 'node-systemd-notify/linux';
import type { Ending } from '../core/failure.js';
import { describeError } from '../errors.js';
import { type FromWorker, MESSAGE_CMD, type ToWorker } from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import { summarizeException } from '../text/exception-text.js';
import { readyFdOf, stdioOf } from './descriptors.js';
import { ignoredSignals } from './environment.js';
import type { SpawnRequest, WorkersOptions } from './worker-options.js';

const SHIM = inPackage('native-free-shims/exec-worker.sh');
/** How long to wait for the last messages of a worker that has exited, if another process holds its channel open. */
const LAST_MESSAGES_MS = 100;
/** An exception that was reported longer ago than this did not end the worker. */
const LAST_EXCEPTION_MS = 2000;

/** All that a worker is started with. */
export interface WorkerStart {
  readonly options: WorkersOptions;
  readonly request: SpawnRequest;
  readonly env: NodeJS.ProcessEnv;
  /** Program and arguments that make the kernel kill the worker when the master dies; empty where there is none. */
  readonly deathSignal: readonly string[];
}

export interface WorkerExit {
  readonly ending: Ending;
  /** The message and first stack lines of the exception that ended it, if the preload could report one. */
  readonly exception?: string;
}

export interface WorkerEvents {
  /** A message of the preload or of the worker library. */
  onMessage(worker: number, message: FromWorker, handle: unknown): void;
  /** A message of the app itself: `process.send()`. */
  onAppMessage(worker: number, message: unknown): void;
  /** Also for a worker that could not be started, or that is to be killed and is not there. */
  onExit(worker: number, exit: WorkerExit): void;
}

export type WorkerProcess = ReturnType<typeof follow>;

/** The exit of a worker that could not be started. */
export function notStarted(status: number, problem: string): WorkerExit {
  return { ending: { type: 'notStarted', status, problem } };
}

/** Starts a worker. Returns null when that fails; the failure is reported later by `onExit`, like any other exit. */
export function startWorker(start: WorkerStart, events: WorkerEvents): WorkerProcess | null {
  const { worker, program } = start.request;
  const fail = (status: number, problem: string): null => {
    setImmediate(events.onExit, worker, notStarted(status, problem));
    return null;
  };
  const directory = problemWithDirectory(start.options.cwd);
  if (directory !== null) return fail(1, directory);
  if ('reason' in program) return fail(program.status, program.reason);
  try {
    const child = spawnChild(start);
    if (child.pid !== undefined) return follow(child, child.pid, start, events);
    child.once('error', (error) => fail(1, describeError(error)));
    return null;
  } catch (error) {
    // Node throws some errors (E2BIG, ENOMEM), and emits the others.
    return fail(1, describeError(error));
  }
}

/** spawn(2) would report a missing directory as ENOENT of the program. */
function problemWithDirectory(cwd: string): string | null {
  try {
    return statSync(cwd).isDirectory() ? null : `${cwd} is not a directory`;
  } catch (error) {
    return `working directory ${cwd}: ${describeError(error)}`;
  }
}

function spawnChild({ options, request, env, deathSignal }: WorkerStart): ChildProcess {
  const signals = ignoredSignals(options).map((signal) => signal.slice(3));
  const shim = ['/bin/sh', SHIM, String(process.pid), signals.join(' '), ...viaEnv(env)];
  const [file = '', ...args] = [
    ...deathSignal,
    // In Node the preload does what the shim would do.
    ...(request.program.isNode ? [] : shim),
    options.command,
    ...options.args,
  ];
  const fds = request.sockets.map(({ fd }) => fd);
  return spawn(file, args, {
    cwd: options.cwd,
    env,
    // A session and process group of its own: the terminal's Ctrl-C is for the master alone.
    detached: true,
    stdio: stdioOf(fds, options.readyFd, options.outputPipes),
  });
}

/** A shell drops variables whose names it could not use itself, such as `a.b`: env(1) puts them back. */
function viaEnv(env: NodeJS.ProcessEnv): string[] {
  const odd = Object.entries(env).filter(([name]) => !/^[A-Za-z_]\w*$/.test(name));
  return odd.length === 0 ? [] : ['env', ...odd.map(([name, value]) => `${name}=${value}`)];
}

function follow(
  child: ChildProcess,
  pid: number,
  { options, request }: WorkerStart,
  events: WorkerEvents,
) {
  const { worker, sockets } = request;
  let preload = false;
  let exception: { text: string; at: number } | null = null;
  child.on('internalMessage', (message: { cmd?: string } & FromWorker, handle: unknown) => {
    if (message?.cmd !== MESSAGE_CMD) return;
    if (message.type === 'started') preload = true;
    if (message.type === 'exception') {
      exception = { text: summarizeException(message.text), at: now() };
    }
    events.onMessage(worker, message, handle);
  });
  child.on('message', (message) => events.onAppMessage(worker, message));
  // Sending to a worker that is exiting fails here; its exit is reported anyway.
  child.on('error', () => {});
  child.once('exit', (status, signal) => {
    afterLastMessage(child, () => {
      // An exception that the app survived for a while is not what ended it.
      const recent = exception && now() - exception.at < LAST_EXCEPTION_MS ? exception : null;
      events.onExit(worker, {
        ending: signal ? { type: 'signal', signal } : { type: 'status', status: status ?? 0 },
        ...(recent && { exception: recent.text }),
      });
    });
  });
  const readyPipe = options.readyFd ? (child.stdio[readyFdOf(sockets.length)] as Readable) : null;
  readyPipe?.on('error', () => {});
  return {
    pid,
    readyPipe,
    output: child.stdout && child.stderr && { stdout: child.stdout, stderr: child.stderr },
    /** True when the preload runs in it and can be reached. */
    hasPreload: () => preload && child.connected,
    send(message: ToWorker, handle?: unknown): void {
      if (!child.connected) return;
      child.send({ cmd: MESSAGE_CMD, ...message }, handle as never, {}, () => {});
    },
    signal: (signal: NodeJS.Signals): void => void child.kill(signal),
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
