// Carries out each command of the core.

import type { MasterCommand } from '../core/commands.js';
import type { MasterEvent } from '../core/events.js';
import { type Fleet, hasReadyWorker } from '../core/fleet.js';
import type { DebuggerProxy } from '../debugger/debugger-proxy.js';
import type { Log } from '../log/logger.js';
import type { WorkerOutput } from '../output/worker-output.js';
import { endProbe, type ReadinessProbe } from '../readiness/probe.js';
import { describeSocket } from '../sockets/held-socket.js';
import type { SocketRegistry } from '../sockets/registry.js';
import type { Workers } from '../workers/worker-pool.js';
import type { ControlRequests } from './control-requests.js';

export interface CommandContext {
  readonly log: Log;
  readonly workers: Workers;
  readonly registry: SocketRegistry;
  readonly probes: Map<number, ReadinessProbe>;
  readonly debuggerProxy: DebuggerProxy | null;
  readonly requests: ControlRequests;
  /** Milliseconds. */
  readonly drainTimeout: number;
  dispatch(event: MasterEvent): void;
  startWorker(command: Extract<MasterCommand, { type: 'spawn' }>): void;
  readonly output: Pick<WorkerOutput, 'lastLinesOf'>;
  /** Ends the master. */
  exit(status: number): void;
}

export function runCommand(context: CommandContext, command: MasterCommand, fleet: Fleet): void {
  const { workers, registry } = context;
  switch (command.type) {
    case 'spawn':
      return context.startWorker(command);
    case 'retire':
      return retire(context, command.worker, fleet);
    case 'signal':
      return workers.signal(command.worker);
    case 'kill':
      letGo(context, command.worker);
      return workers.kill(command.worker);
    case 'reply':
      return reply(context, command, fleet);
    case 'giveUpSocket':
      return giveUpSocket(context, command.socket, fleet);
    case 'closeSockets':
      return registry.close();
    case 'exit':
      return context.exit(command.status);
    default:
      command satisfies never;
  }
}

function retire(context: CommandContext, worker: number, fleet: Fleet): void {
  letGo(context, worker);
  const wasReady = fleet.workers.some(
    (one) => one.id === worker && one.state !== 'starting' && one.readyAt !== null,
  );
  void context.workers.retire(worker, context.drainTimeout, wasReady).then((canDrain) => {
    // Without the preload it cannot drain: it needs the stop signal at once.
    if (!canDrain) context.dispatch({ type: 'drained', worker });
  });
}

function letGo({ debuggerProxy, probes }: CommandContext, worker: number): void {
  debuggerProxy?.disconnect(worker);
  endProbe(probes, worker);
}

function reply(
  { requests, output }: CommandContext,
  command: Extract<MasterCommand, { type: 'reply' }>,
  fleet: Fleet,
): void {
  const { outcome } = command;
  const serving = hasReadyWorker(fleet, fleet.serving) ? fleet.serving : null;
  if (outcome.type !== 'failed') return requests.answer(command, serving, []);
  void output
    .lastLinesOf(outcome.failure.worker.id)
    .then((lines) => requests.answer(command, serving, lines));
}

/** The workers have the socket as well, and may listen on it again if it is not closed there. */
function giveUpSocket(context: CommandContext, id: number, fleet: Fleet): void {
  const { registry, workers, probes, log } = context;
  const socket = registry.giveUp(id);
  if (!socket) return;
  log.info(`giving up ${describeSocket(socket)}: no worker listens on it any more`);
  for (const worker of fleet.workers) workers.send(worker.id, { type: 'socketClosed', socket: id });
  for (const probe of [...probes.values()]) probe.onSocketGivenUp?.(id);
}
