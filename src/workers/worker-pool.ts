// The worker processes, by the id that the core gave them. Keeps handles, no state of the fleet.
import { setImmediate as turn } from 'node:timers/promises';
import type { ToWorker } from '../ipc-protocol.js';
import { createEnvironments } from './env-file.js';
import { MARK, workerEnvironment } from './environment.js';
import { findCommand, runsNode, searchPath } from './find-command.js';
import { killLeftovers, killTree } from './kill-process-tree.js';
import { parentDeathSignal } from './parent-death-signal.js';
import { scriptAdvice } from './unsupported-launcher.js';
import type { ResolvedCommand, SpawnRequest, WorkersOptions } from './worker-options.js';
import {
  notStarted,
  startWorker,
  type WorkerEvents,
  type WorkerExit,
  type WorkerProcess,
} from './worker-process.js';

export interface PoolEvents extends WorkerEvents {
  onSpawn(worker: number, pid: number): void;
}

export type Workers = ReturnType<typeof createWorkers>;

export function createWorkers(options: WorkersOptions, events: PoolEvents) {
  const { command, args, cwd, env, stopSignal, calledAs } = options;
  /** From `spawn` to `onExit`. Null while there is no process: its failure to start is yet to be reported. */
  const workers = new Map<number, WorkerProcess | null>();
  const kills = new Map<number, Promise<void>>();
  const deathSignal = parentDeathSignal(env);
  const environmentOf = createEnvironments(options);
  const poolMark = `${process.pid}.${process.hrtime.bigint()}`;
  const markOf = (worker: number) => `${poolMark}.${worker}`;

  function onExit(worker: number, exit: WorkerExit): void {
    const process = workers.get(worker);
    workers.delete(worker);
    if (process) killLeftovers(process.pid);
    events.onExit(worker, exit);
  }

  return {
    /**
     * Resolves the command again: a link in its path, or the path itself, may have changed since the last spawn. Uses the
     * PATH of the master, never that of an env file.
     */
    find(): ResolvedCommand {
      const found = findCommand(command, searchPath(env), cwd);
      if ('file' in found) return { ...found, isNode: runsNode(found.file) };
      const better = scriptAdvice(command, args, cwd);
      const advice = better === null ? '' : `; write: ${calledAs} -- ${better}`;
      return { ...found, reason: `${found.reason}${advice}`, isNode: false };
    },

    /** Returns null when that fails; the failure is reported later by `onExit`. */
    spawn(request: SpawnRequest): WorkerProcess | null {
      const { worker, generation, serving } = request;
      workers.set(worker, null);
      const base = environmentOf(generation, serving);
      if ('problem' in base) {
        setImmediate(onExit, worker, notStarted(1, base.problem));
        return null;
      }
      const workerEnv = workerEnvironment(base.env, options, request, markOf(worker));
      const start = { options, request, env: workerEnv, deathSignal };
      const started = startWorker(start, { ...events, onExit });
      if (!started) return null;
      workers.set(worker, started);
      events.onSpawn(worker, started.pid);
      return started;
    },

    /**
     * Asks a worker to stop accepting and to drain within `limit` ms. Resolves with false when no preload runs in it: it
     * then needs the stop signal. `wasReady`: until now.
     */
    async retire(worker: number, limit: number, wasReady: boolean): Promise<boolean> {
      const process = workers.get(worker);
      const mayHaveReported = process && !wasReady && !process.hasPreload();
      if (mayHaveReported) {
        // Its first message may have arrived, and is read between two turns of the event loop. Meanwhile it must not
        // become ready.
        process.signal('SIGSTOP');
        await turn();
        await turn();
      }
      if (!process?.hasPreload()) return false;
      process.send({ type: 'retire', limitMs: limit });
      if (mayHaveReported) process.signal('SIGCONT');
      return true;
    },

    send(worker: number, message: ToWorker, handle?: unknown): void {
      workers.get(worker)?.send(message, handle);
    },

    /** Sends the stop signal to the process itself, not to its children. */
    signal(worker: number): void {
      const process = workers.get(worker);
      process?.signal(stopSignal);
      // A process that is stopped gets the signal only then, as systemd.kill(5) has it.
      process?.signal('SIGCONT');
    },

    /** Kills the process with all its descendants. If it is not there, `onExit` is called once more. */
    kill(worker: number): void {
      const process = workers.get(worker);
      if (process === undefined) {
        // Without this answer the core would wait for its exit for ever.
        setImmediate(onExit, worker, { ending: { type: 'signal', signal: 'SIGKILL' } });
      } else if (process !== null && !kills.has(worker)) {
        // The core repeats its command, and on a busy machine one kill takes longer than the interval.
        const kill = killTree(process.pid, `${MARK}=${markOf(worker)}`);
        kills.set(
          worker,
          kill.finally(() => kills.delete(worker)),
        );
      }
    },

    /** Resolves when all kills under way are done: nothing of a worker may outlive the master. */
    async killed(): Promise<void> {
      await Promise.all(kills.values());
    },
  };
}
