// The start of a worker: everything that it gets, from several directories of src.

import type { MasterCommand } from '../core/commands.js';
import type { MasterEvent } from '../core/events.js';
import type { Fleet } from '../core/fleet.js';
import { expectedSockets, type Sockets } from '../core/sockets.js';
import type { DebuggerProxy } from '../debugger/debugger-proxy.js';
import type { Log } from '../log/logger.js';
import type { WorkerOutput } from '../output/worker-output.js';
import { endProbe, type ReadinessProbe, type StartProbe } from '../readiness/probe.js';
import type { ReloadOnChange } from '../reload-on-change/reload-on-change.js';
import { describeSocket, toSharedSocket } from '../sockets/held-socket.js';
import type { SocketRegistry } from '../sockets/registry.js';
import type { WorkerNotifySockets } from '../systemd/worker-notify-sockets.js';
import type { Workers } from '../workers/worker-pool.js';
import { notStarted } from '../workers/worker-process.js';

export interface StartContext {
  readonly log: Log;
  readonly workers: Workers;
  readonly registry: SocketRegistry;
  readonly notifySockets: WorkerNotifySockets;
  readonly probes: Map<number, ReadinessProbe>;
  readonly startProbe: StartProbe;
  readonly output: WorkerOutput;
  /** Null if no file is watched. */
  readonly reloadOnChange: ReloadOnChange | null;
  /** Null without --inspect. */
  readonly debuggerProxy: DebuggerProxy | null;
  /** Readiness depends on what the worker sends by sd_notify(3). */
  readonly needsNotify: boolean;
  fleet(): Fleet;
  sockets(): Sockets;
  dispatch(event: MasterEvent): void;
}

export function startWorker(
  context: StartContext,
  { worker, slot, generation }: Extract<MasterCommand, { type: 'spawn' }>,
): void {
  const { workers, registry, notifySockets, reloadOnChange, log, dispatch } = context;
  const program = workers.find();
  reloadOnChange?.onSpawn(generation);
  if (!program.isNode) reloadOnChange?.watchEverything();
  const notifySocket = notifySockets.take(worker);
  if (notifySocket === null) {
    const problem = notifySockets.problem();
    if (context.needsNotify) {
      const exit = notStarted(1, `no NOTIFY_SOCKET: ${problem}`);
      return dispatch({ type: 'exited', worker, ...exit });
    }
    log.debug({ worker: slot, generation }, `no NOTIFY_SOCKET: ${problem}`);
  }
  const sockets = registry.list().map((socket, position) => ({
    name: socket.name,
    fd: socket.fd,
    shared: toSharedSocket(socket, position),
  }));
  const { serving } = context.fleet();
  const started = workers.spawn({
    ...{ worker, slot, generation, serving, sockets, notifySocket, program },
  });
  // The log library is loaded now, while the worker starts.
  setImmediate(() => log.open());
  // The pool reports a failure to start as an exit.
  if (!started) return;
  const { pid, output, readyPipe } = started;
  if (output) context.output.follow(worker, { slot, generation, pid }, output);
  const { startProbe, probes, debuggerProxy } = context;
  const target = { generation, slot, readyPipe, expected: expectedOf(context) };
  const probe = startProbe(target, {
    ready() {
      endProbe(probes, worker);
      debuggerProxy?.ready(worker);
      dispatch({ type: 'ready', worker });
    },
    note: (problem) => dispatch({ type: 'startProblem', worker, problem }),
  });
  probes.set(worker, probe);
}

function expectedOf({ registry, sockets }: StartContext) {
  return expectedSockets(sockets()).flatMap(({ id, origin }) => {
    const socket = registry.find(id);
    return socket ? [{ id, given: origin !== 'adopted', text: describeSocket(socket) }] : [];
  });
}
