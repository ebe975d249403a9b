// What the worker pool reports, turned into events for the core and passed to the directories of src that it concerns.

import type { MasterEvent } from '../core/events.js';
import type { DebuggerProxy } from '../debugger/debugger-proxy.js';
import type { Log } from '../log/logger.js';
import type { WorkerOutput } from '../output/worker-output.js';
import { endProbe, type ReadinessProbe } from '../readiness/probe.js';
import type { ReloadOnChange } from '../reload-on-change/reload-on-change.js';
import type { SocketRegistry } from '../sockets/registry.js';
import type { WorkerNotifySockets } from '../systemd/worker-notify-sockets.js';
import {
  launcherAdvice,
  launcherOf,
  nodeAsLauncher,
  SHELL_ADVICE,
} from '../workers/unsupported-launcher.js';
import type { PoolEvents } from '../workers/worker-pool.js';
import type { NotifyMessages } from './notify-messages.js';
import type { SocketMessages } from './socket-messages.js';

export interface WorkerEventContext {
  readonly log: Log;
  readonly probes: Map<number, ReadinessProbe>;
  readonly socketMessages: SocketMessages;
  readonly notifyMessages: NotifyMessages;
  readonly notifySockets: WorkerNotifySockets;
  readonly registry: SocketRegistry;
  readonly output: WorkerOutput;
  readonly reloadOnChange: ReloadOnChange | null;
  readonly debuggerProxy: DebuggerProxy | null;
  readonly launcher: LauncherContext;
  dispatch(event: MasterEvent): void;
}

export interface LauncherContext {
  readonly command: readonly string[];
  readonly cwd: string;
  /** What the user wrote in front of the command. */
  readonly calledAs: string;
  /** A process in between is fatal: sockets have to reach the app, or only Node can prove readiness. */
  readonly needsDirectNode: boolean;
}

export function workerEvents(context: WorkerEventContext): PoolEvents {
  const { log, probes, reloadOnChange, debuggerProxy, notifyMessages, launcher, dispatch } =
    context;

  /** The app runs in another process than the one that was started. */
  function reportIndirect(worker: number, problem: string): void {
    reloadOnChange?.watchEverything();
    if (launcher.needsDirectNode) dispatch({ type: 'cannotServe', worker, problem });
    else log.warn(problem);
  }

  function reportLauncher(worker: number, name: string | null): void {
    if (name === null) return;
    const { command, cwd, calledAs } = launcher;
    reportIndirect(worker, launcherAdvice(name, command, cwd, calledAs));
  }

  return {
    onSpawn(worker, pid) {
      dispatch({ type: 'spawned', worker, pid });
      // `node --watch` and `node --run` do not load the preload, so report them from the command line.
      reportLauncher(worker, nodeAsLauncher(launcher.command));
    },

    onAppMessage(worker, message) {
      if (!reloadOnChange?.onMessage(message)) probes.get(worker)?.onAppMessage?.(message);
    },

    onMessage(worker, message, handle) {
      switch (message.type) {
        case 'started':
          reloadOnChange?.onScript(message.script);
          reportLauncher(worker, launcherOf(message.script));
          break;
        case 'wrongProcess':
          reportIndirect(worker, SHELL_ADVICE);
          break;
        case 'listening':
        case 'opened':
        case 'closed':
        case 'requestSocket':
          context.socketMessages(worker, message, handle);
          break;
        case 'warning':
          log.warn({ workerId: worker }, message.text);
          break;
        case 'inspector':
          debuggerProxy?.opened(worker, message.port);
          break;
        case 'drained':
          dispatch({ type: 'drained', worker });
          break;
        case 'startsProcesses':
          reloadOnChange?.watchEverything();
          break;
        case 'heartbeat':
          notifyMessages.onLoopAlive(worker);
          break;
        // `ready` is for the readiness probe; worker-process.ts reads `exception`.
        case 'ready':
        case 'exception':
          break;
        default:
          message satisfies never;
      }
      probes.get(worker)?.onMessage?.(message);
    },

    onExit(worker, { ending, exception }) {
      endProbe(probes, worker);
      context.notifySockets.close(worker);
      notifyMessages.forget(worker);
      debuggerProxy?.disconnect(worker);
      context.registry.restorePaths();
      context.output.ended(worker);
      dispatch({
        ...{ type: 'exited', worker, ending },
        ...(exception !== undefined && { exception }),
      });
    },
  };
}
