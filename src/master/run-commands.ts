// Each action of the core, done by the hand that can do it. One switch: everything the program can do to
// the world starts here.

import type { ControlReply } from '../control/protocol.js';
import type { Action, Event, Fleet } from '../core/fleet.js';
import type { Inspecting } from '../debugger/debugger-proxy.js';
import type { Log } from '../log/logger.js';
import type { WorkerOutput } from '../output/open-output.js';
import { endProbe, type ReadinessProbe, type StartProbe } from '../readiness/probe.js';
import type { Watching } from '../reload-on-change/reload-on-change.js';
import type { HeldSocket } from '../sockets/held-socket.js';
import type { Sockets } from '../sockets/registry.js';
import type { WorkerSockets } from '../systemd/worker-notify-sockets.js';
import type { Workers } from '../workers/worker-pool.js';
import type { Business } from './business.js';
import { spawn } from './start-worker.js';
import { tellGivenUp } from './worker-events.js';

/** How long after the start a worker may take to listen again on what the last master left in the store. */
const LATE_SERVER_MS = 5000;

export interface Tools {
  readonly log: Log;
  readonly workers: Workers;
  readonly sockets: Sockets;
  readonly workerSockets: WorkerSockets;
  readonly startProbe: StartProbe;
  /** Proofs of readiness in progress, by worker. */
  readonly probes: Map<number, ReadinessProbe>;
  readonly business: Business;
  /** Null where no file is watched. */
  readonly watching: Watching | null;
  readonly output: WorkerOutput;
  /** Null without --inspect. */
  readonly inspecting: Inspecting | null;
  readonly drainTimeout: number;
  /** Readiness hangs on what the workers say by sd_notify(3). */
  readonly needsNotify: boolean;
  fleet(): Fleet;
  tell(event: Event): void;
  answer(request: number, reply: ControlReply): void;
  stopped(status: number): void;
}

export function perform(tools: Tools, action: Action, fleet: Fleet): void {
  const { workers, sockets, probes, tell } = tools;
  switch (action.type) {
    case 'spawn':
      return void spawn(tools, action);
    case 'retire': {
      tools.inspecting?.leave(action.worker);
      endProbe(probes, action.worker);
      const wasReady = fleet.workers.some(
        (one) => one.id === action.worker && one.readyAt !== null,
      );
      // Nobody in it who could drain: the stop signal is all it understands.
      return void workers.retire(action.worker, tools.drainTimeout, wasReady).then((asked) => {
        if (!asked) tell({ type: 'idle', worker: action.worker });
      });
    }
    case 'signal':
      return workers.signal(action.worker);
    case 'kill':
      tools.inspecting?.leave(action.worker);
      endProbe(probes, action.worker);
      return workers.kill(action.worker);
    case 'reply': {
      const { request, ok, generation, reason } = action;
      const { serving } = fleet;
      const output = ok ? [] : tools.output.ofFailed(generation);
      return tools.answer(request, {
        ...{ ok, generation, serving },
        ...(reason !== null && { reason }),
        ...(output.length > 0 && { output }),
      });
    }
    case 'stopping':
      // New clients are refused as soon as the workers have closed theirs too, and do not hang.
      return sockets.close();
    case 'stopped':
      return tools.stopped(action.status);
    case 'rolledOut': {
      tools.watching?.rolledOut();
      const members = fleet.workers.filter((one) => one.generation === action.generation);
      const ids = members.map((one) => one.id);
      const tellAll = (given: readonly HeldSocket[]) =>
        tellGivenUp({ ...tools, workers: () => workers }, given);
      // The first that serves; if it fails, the master leaves.
      if (fleet.reloads.ok === 0)
        setTimeout(() => tellAll(sockets.stopWaiting()), LATE_SERVER_MS).unref();
      return tellAll(sockets.rolledOut(ids));
    }
    case 'rolledBack':
      tools.output.failed(action.generation, action.worker);
      return tools.watching?.rolledBack(action.reason, tools.output.ofFailed(action.generation));
    case 'abandoned':
    case 'crashed':
    case 'overdue':
      // For observers.
      return;
    default:
      action satisfies never;
  }
}
