// The worker processes, by the id that the core gave them. Keeps handles, no state of the fleet.
import { setImmediate as turn } from 'node:timers/promises';
import type { MasterMessage, WireSocket, WorkerMessage } from '../ipc-protocol.js';
import { inPackage } from '../package-root.js';
import { MARK, workerEnvironment } from './environment.js';
import { type Found, findCommand, nodeCommand, runsNode, searchPath } from './find-command.js';
import { createEnvironments } from './generation-environment.js';
import { leakedDescriptors } from './inheritable-fds.js';
import { killLeftovers, killTree } from './kill-process-tree.js';
import { dieWithMaster } from './parent-death-signal.js';
import { readyFdOf } from './stdio-layout.js';
import { type Ended, startWorker, type WorkerProcess } from './worker-process.js';

/** All of native-free-shims/preload in one file: it is loaded in each boot of a worker. */
const PRELOAD = inPackage('dist/src/preload.cjs');

/**
 * They reach the workers too when somebody signals the whole unit (`systemctl kill -s HUP`), and would end
 * every program that does not expect them.
 */
const RELOAD_SIGNALS: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGUSR2'];

export interface WorkersOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Logical path: a link in it is followed anew at each spawn. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** For the environment of a worker, from `env` and the files, which win. */
  readonly suggest: (given: NodeJS.ProcessEnv) => NodeJS.ProcessEnv;
  /** Files of variables that the environment has not: read for each generation, from `cwd`. */
  readonly envFiles: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  /** Pass a pipe for a newline. */
  readonly readyFd: boolean;
  /** Milliseconds; 0 for no watchdog. */
  readonly watchdog: number;
  /** Read what the workers write, instead of leaving it to them. */
  readonly outputPipes: boolean;
  /** Each worker opens a debugger. */
  readonly inspect: boolean;
  /** Traces of a worker name the sources from which its code was made. */
  readonly sourceMaps: boolean;
  /** What the user wrote in front of the command: `graceful-run dev`, for example. */
  readonly calledAs: string;
}

export interface WorkersListener {
  spawned(worker: number, pid: number): void;
  heard(worker: number, message: WorkerMessage, handle: unknown): void;
  said(worker: number, message: unknown): void;
  ended(worker: number, how: Ended): void;
}

export interface Birth {
  readonly worker: number;
  readonly slot: number;
  readonly generation: number;
  /** The generation that serves now. */
  readonly serving: number;
  readonly sockets: readonly (WireSocket & { readonly name: string; readonly held: number })[];
  readonly notifySocket: string | null;
  readonly program: Program;
}

export interface Program {
  readonly found: Found;
  /** Node itself or a script for it: the preload will run in it. */
  readonly isNode: boolean;
}

export interface Workers {
  /**
   * What the command names now: a link in its path, or the path itself, may have changed since the last spawn. It is
   * looked for along the PATH of the master, never along one of a file.
   */
  find(): Program;
  spawn(birth: Birth): WorkerProcess | null;
  /**
   * Asks it to stop accepting and to drain; gives false when there is nobody in it who understands, and then
   * it wants the stop signal. `wasReady`: until now.
   */
  retire(worker: number, limit: number, wasReady: boolean): Promise<boolean>;
  send(worker: number, message: MasterMessage, handle?: unknown): void;
  /** The stop signal, to the process itself and not to its children. */
  signal(worker: number): void;
  kill(worker: number): void;
  /** Resolves when every killing under way is done: nothing of a worker may outlive the master. */
  killed(): Promise<void>;
}

export function createWorkers(options: WorkersOptions, listener: WorkersListener): Workers {
  const alive = new Map<number, WorkerProcess>();
  const killings = new Set<Promise<void>>();
  const dying = new Set<WorkerProcess>();
  const held = new Set<WorkerProcess>();
  const deathSignal = dieWithMaster(process.env);
  const leaked = leakedDescriptors();
  const environments = createEnvironments(options);
  const ignoredSignals = RELOAD_SIGNALS.filter((signal) => signal !== options.stopSignal);

  const track = (killing: Promise<void>) => {
    killings.add(killing);
    void killing.finally(() => killings.delete(killing));
  };

  /**
   * A worker of which nothing was heard yet may have begun to accept all the same: that it is there is not
   * read yet. It stands still until all that it has said is read, and longer: until it has its answer.
   */
  async function hold(process: WorkerProcess): Promise<void> {
    held.add(process);
    process.signal('SIGSTOP');
    // The poll of the loop lies between two turns.
    await turn();
    await turn();
  }

  function release(process: WorkerProcess): void {
    if (held.delete(process)) process.signal('SIGCONT');
  }

  return {
    find() {
      const { command, args, cwd, env, calledAs } = options;
      const found = findCommand(command, searchPath(env), cwd);
      if ('file' in found) return { found, isNode: runsNode(found.file) };
      const better = nodeCommand(command, args, cwd);
      const advice = better === null ? '' : `; write: ${calledAs} -- ${better}`;
      return { found: { ...found, reason: `${found.reason}${advice}` }, isNode: false };
    },

    spawn({ worker, slot, generation, serving, sockets, notifySocket, program }) {
      const base = environments.of(generation, serving);
      if ('problem' in base) {
        const reason = `could not be started: ${base.problem}`;
        setImmediate(() => listener.ended(worker, { reason, status: 1 }));
        return null;
      }
      const readyFd = options.readyFd ? readyFdOf(sockets.length) : null;
      // As unique as it must be: no two are born in the same nanosecond.
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
          heard: (message, handle) => listener.heard(worker, message, handle),
          said: (message) => listener.said(worker, message),
          ended(how) {
            const process = alive.get(worker);
            alive.delete(worker);
            if (process) {
              held.delete(process);
              killLeftovers(process.pid);
            }
            listener.ended(worker, how);
          },
        },
      );
      if (!started) return null;
      alive.set(worker, started);
      listener.spawned(worker, started.pid);
      return started;
    },

    async retire(worker, limit, wasReady) {
      const process = alive.get(worker);
      if (process && !wasReady && !process.hasPreload()) await hold(process);
      if (!process?.hasPreload()) return false;
      process.send({ type: 'retire', limitMs: limit });
      release(process);
      return true;
    },

    send: (worker, message, handle) => alive.get(worker)?.send(message, handle),

    signal(worker) {
      const process = alive.get(worker);
      process?.signal(options.stopSignal);
      if (process) release(process);
    },

    kill(worker) {
      const process = alive.get(worker);
      // It is repeated. On a busy machine one takes longer than the pause, and they would pile up.
      if (!process || dying.has(process)) return;
      dying.add(process);
      track(killTree(process.pid, `${MARK}=${process.mark}`).finally(() => dying.delete(process)));
    },

    async killed() {
      await Promise.all(killings);
    },
  };
}
