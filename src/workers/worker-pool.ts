// The worker processes, by the id that the core gave them. Keeps handles, no state of the fleet.
import { setImmediate as turn } from 'node:timers/promises';
import type { FromWorker, SharedSocket, ToWorker } from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import { MARK, workerEnvironment } from './environment.js';
import { type CommandLookup, findCommand, runsNode, searchPath } from './find-command.js';
import { createEnvironments } from './generation-environment.js';
import { inheritableFds } from './inheritable-fds.js';
import { killLeftovers, killTree } from './kill-process-tree.js';
import { parentDeathSignal } from './parent-death-signal.js';
import { readyFdOf } from './stdio-layout.js';
import { scriptAdvice } from './unsupported-launcher.js';
import { startWorker, type WorkerExit, type WorkerProcess } from './worker-process.js';

/** All of native-free-shims/preload in one file, as each worker loads it at its start. */
const PRELOAD = inPackage('dist/src/preload.cjs');

/**
 * They reach the workers too when a whole unit is signalled (`systemctl kill -s HUP`), and would end every program that
 * has no handler for them.
 */
const RELOAD_SIGNALS: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGUSR2'];

export interface WorkersOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Logical path: a link in it is resolved anew at each spawn. */
  readonly cwd: string;
  /** The environment of the master. */
  readonly env: NodeJS.ProcessEnv;
  /** Variables to add to the environment of a worker where it does not have them. */
  readonly suggest: (given: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
  /** Files of variables, relative to `cwd`; read for each generation. */
  readonly envFiles: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  /** Pass a pipe into which the worker writes a newline when it is ready. */
  readonly readyFd: boolean;
  /** Milliseconds; 0 for no watchdog. */
  readonly watchdog: number;
  /** Read the output of the workers through pipes. */
  readonly outputPipes: boolean;
  /** Each worker opens a debugger. */
  readonly inspect: boolean;
  /** Stack traces of a worker name the sources from which its code was made. */
  readonly sourceMaps: boolean;
  /** What the user wrote in front of the command: `graceful-run dev`, for example. */
  readonly calledAs: string;
}

export interface PoolEvents {
  onSpawn(worker: number, pid: number): void;
  /** A message of the preload or of the worker library. */
  onMessage(worker: number, message: FromWorker, handle: unknown): void;
  /** A message of the app itself: `process.send()`. */
  onAppMessage(worker: number, message: unknown): void;
  /** Also for a worker that could not be started, or that is to be killed and is not there. */
  onExit(worker: number, exit: WorkerExit): void;
}

export interface SpawnRequest {
  readonly worker: number;
  readonly slot: number;
  readonly generation: number;
  /** The generation that serves now; null for none. */
  readonly serving: number | null;
  readonly sockets: readonly (SharedSocket & { readonly name: string; readonly held: number })[];
  readonly notifySocket: string | null;
  readonly program: ResolvedCommand;
}

export interface ResolvedCommand {
  readonly found: CommandLookup;
  /** Node itself or a script for it: the preload will run in it. */
  readonly isNode: boolean;
}

export interface Workers {
  /**
   * Resolves the command again: a link in its path, or the path itself, may have changed since the last spawn. Uses the
   * PATH of the master, never that of an env file.
   */
  find(): ResolvedCommand;
  /** Returns null when that fails; the failure is reported later by `onExit`. */
  spawn(request: SpawnRequest): WorkerProcess | null;
  /**
   * Asks a worker to stop accepting and to drain within `limit` ms. Resolves with false when no preload runs in it: it
   * then needs the stop signal. `wasReady`: until now.
   */
  retire(worker: number, limit: number, wasReady: boolean): Promise<boolean>;
  send(worker: number, message: ToWorker, handle?: unknown): void;
  /** Sends the stop signal to the process itself, not to its children. */
  signal(worker: number): void;
  /** Kills the process with all its descendants. If it is not there, `onExit` is called once more. */
  kill(worker: number): void;
  /** Resolves when all kills under way are done: nothing of a worker may outlive the master. */
  killed(): Promise<void>;
}

export function createWorkers(options: WorkersOptions, events: PoolEvents): Workers {
  /** From `spawn` to `onExit`. Null while there is no process: its failure to start is yet to be reported. */
  const workers = new Map<number, WorkerProcess | null>();
  const kills = new Map<WorkerProcess, Promise<void>>();
  const paused = new Set<WorkerProcess>();
  const deathSignal = parentDeathSignal(options.env);
  const leaked = inheritableFds();
  const environments = createEnvironments(options);
  const ignoredSignals = RELOAD_SIGNALS.filter((signal) => signal !== options.stopSignal);

  function reportExit(worker: number, exit: WorkerExit): void {
    const process = workers.get(worker);
    workers.delete(worker);
    if (process) {
      paused.delete(process);
      killLeftovers(process.pid);
    }
    events.onExit(worker, exit);
  }

  /** Pauses (SIGSTOP) a worker whose first message has not been read yet, until it has been read and answered. */
  async function pause(process: WorkerProcess): Promise<void> {
    paused.add(process);
    process.signal('SIGSTOP');
    // Messages that have arrived are read between two turns of the event loop.
    await turn();
    await turn();
  }

  function resume(process: WorkerProcess): void {
    if (paused.delete(process)) process.signal('SIGCONT');
  }

  return {
    find() {
      const { command, args, cwd, env, calledAs } = options;
      const found = findCommand(command, searchPath(env), cwd);
      if ('file' in found) return { found, isNode: runsNode(found.file) };
      const better = scriptAdvice(command, args, cwd);
      const advice = better === null ? '' : `; write: ${calledAs} -- ${better}`;
      return { found: { ...found, reason: `${found.reason}${advice}` }, isNode: false };
    },

    spawn({ worker, slot, generation, serving, sockets, notifySocket, program }) {
      workers.set(worker, null);
      const base = environments.of(generation, serving);
      if ('problem' in base) {
        const ending = { type: 'notStarted', status: 1, problem: base.problem } as const;
        setImmediate(() => reportExit(worker, { ending }));
        return null;
      }
      const readyFd = options.readyFd ? readyFdOf(sockets.length) : null;
      // Unique: no two workers are started in the same nanosecond.
      const mark = `${process.pid}.${process.hrtime.bigint()}`;
      const env = workerEnvironment(base.env, {
        mark,
        generation,
        slot,
        cwd: options.cwd,
        sockets: sockets.map(({ held: _, ...socket }) => socket),
        readyFd,
        notifySocket,
        watchdog: options.watchdog,
        inspect: options.inspect,
        sourceMaps: options.sourceMaps,
        ignoredSignals,
        preload: PRELOAD,
        master: process.pid,
      });
      const { command, args, cwd } = options;
      const fds = sockets.map((socket) => socket.held);
      const started = startWorker(
        {
          ...program,
          ...{ command, args, cwd, env, mark, fds, deathSignal, leaked, ignoredSignals },
          readyPipe: options.readyFd,
          outputPipes: options.outputPipes,
        },
        {
          onMessage: (message, handle) => events.onMessage(worker, message, handle),
          onAppMessage: (message) => events.onAppMessage(worker, message),
          onExit: (exit) => reportExit(worker, exit),
        },
      );
      if (!started) return null;
      workers.set(worker, started);
      events.onSpawn(worker, started.pid);
      return started;
    },

    async retire(worker, limit, wasReady) {
      const process = workers.get(worker);
      if (process && !wasReady && !process.hasPreload()) await pause(process);
      if (!process?.hasPreload()) return false;
      process.send({ type: 'retire', limitMs: limit });
      resume(process);
      return true;
    },

    send: (worker, message, handle) => workers.get(worker)?.send(message, handle),

    signal(worker) {
      const process = workers.get(worker);
      process?.signal(options.stopSignal);
      if (process) resume(process);
    },

    kill(worker) {
      const process = workers.get(worker);
      if (process === undefined) {
        // Without this answer the core would wait for its exit for ever.
        const ending = { type: 'signal', signal: 'SIGKILL' } as const;
        setImmediate(() => reportExit(worker, { ending }));
      } else if (process !== null && !kills.has(process)) {
        // The core repeats its command, and on a busy machine one kill takes longer than the interval.
        const kill = killTree(process.pid, `${MARK}=${process.mark}`);
        kills.set(
          process,
          kill.finally(() => kills.delete(process)),
        );
      }
    },

    async killed() {
      await Promise.all(kills.values());
    },
  };
}
