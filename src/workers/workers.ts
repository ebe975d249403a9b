// The worker processes, by the id that the core gave them. Keeps handles, no state of the fleet.
import { spawnSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MasterMessage, WireSocket, WorkerMessage } from '../wire.js';
import { FIRST_FD } from '../wire.js';
import { workerEnvironment } from './environment.js';
import { killLeftovers, killTree } from './process-tree.js';
import { type Ended, startWorker, type WorkerProcess } from './worker-process.js';

const PRELOAD = fileURLToPath(
  new URL('../../../native-free-shims/preload/index.cjs', import.meta.url),
);

export interface WorkersOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Logical path: a link in it is followed anew at each spawn. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stopSignal: NodeJS.Signals;
  /** Pass a pipe for a newline. */
  readonly readyFd: boolean;
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
  readonly sockets: readonly (WireSocket & { readonly name: string; readonly held: number })[];
}

export interface Workers {
  spawn(birth: Birth): WorkerProcess | null;
  /** Asks it to stop accepting and to drain; gives false when there is nobody in it who understands. */
  retire(worker: number, limit: number): Promise<boolean>;
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
  const dieWithMaster = parentDeathSignal();

  const track = (killing: Promise<void>) => {
    killings.add(killing);
    void killing.finally(() => killings.delete(killing));
  };

  return {
    spawn({ worker, slot, generation, sockets }) {
      const readyFd = options.readyFd ? FIRST_FD + sockets.length : null;
      const env = workerEnvironment(options.env, {
        generation,
        slot,
        cwd: options.cwd,
        sockets: sockets.map(({ held: _, ...socket }) => socket),
        readyFd,
        preload: PRELOAD,
        master: process.pid,
      });
      const { command, args, cwd } = options;
      const fds = sockets.map((socket) => socket.held);
      const started = startWorker(
        { command, args, cwd, env, fds, readyPipe: options.readyFd, dieWithMaster },
        {
          heard: (message, handle) => listener.heard(worker, message, handle),
          said: (message) => listener.said(worker, message),
          ended(how) {
            const pid = alive.get(worker)?.pid;
            alive.delete(worker);
            if (pid !== undefined) track(killLeftovers(pid));
            listener.ended(worker, how);
          },
        },
      );
      if (!started) return null;
      alive.set(worker, started);
      listener.spawned(worker, started.pid);
      return started;
    },

    async retire(worker, limit) {
      const process = alive.get(worker);
      // What it has said is perhaps not read yet: that it is there, even that it accepts connections.
      if (!process?.hasPreload()) await poll();
      if (!process?.hasPreload()) return false;
      process.send({ type: 'retire', limit });
      return true;
    },

    send: (worker, message, handle) => alive.get(worker)?.send(message, handle),
    signal: (worker) => alive.get(worker)?.signal(options.stopSignal),

    kill(worker) {
      const process = alive.get(worker);
      // It is repeated. On a busy machine one takes longer than the pause, and they would pile up.
      if (!process || dying.has(process)) return;
      dying.add(process);
      track(killTree(process.pid).finally(() => dying.delete(process)));
    },

    async killed() {
      await Promise.all(killings);
    },
  };
}

/** Resolves when all that had arrived has been read: the poll of the loop lies between two turns. */
async function poll(): Promise<void> {
  await turn();
  await turn();
}

/**
 * However the master dies, the kernel then kills the worker itself (PR_SET_PDEATHSIG, prctl(2)). Needs
 * setpriv of util-linux; without it the preload notices that its channel closed.
 */
function parentDeathSignal(): string[] {
  const command = ['setpriv', '--pdeathsig', 'KILL'];
  const [file = '', ...args] = command;
  const probe = spawnSync(file, [...args, 'true'], { stdio: 'ignore' });
  return probe.status === 0 ? command : [];
}
