// The spawn of a worker: everything that it is born with, from several hands.

import type { Action } from '../core/fleet.js';
import { describeError } from '../errors.js';
import { endProbe } from '../readiness/probe.js';
import { describeSocket, toSharedSocket } from '../sockets/held-socket.js';
import { formatDuration } from '../text/duration.js';
import type { Tools } from './run-commands.js';

/** Milliseconds that a worker waits for its NOTIFY_SOCKET: when readiness hangs on it, and when not. */
const NEEDED_MS = 15_000;
const WANTED_MS = 1000;

export async function spawn(
  tools: Tools,
  { worker, slot, generation }: Extract<Action, { type: 'spawn' }>,
): Promise<void> {
  const { workers, sockets, workerSockets, probes, startProbe, tell } = tools;
  const program = workers.find();
  tools.watching?.began(generation);
  if (!program.isNode) tools.watching?.cannotTell();
  const notify = await notifySocketFor(tools, worker, program.isNode);
  // The fleet may have changed its mind meanwhile.
  if (tools.fleet().workers.find((one) => one.id === worker)?.state !== 'starting') {
    workerSockets.close(worker);
    return tell({ type: 'exited', worker, reason: 'was not started any more' });
  }
  if ('problem' in notify) {
    workerSockets.close(worker);
    if (tools.needsNotify) {
      const reason = `could not be started, for nobody would hear its READY=1: ${notify.problem}`;
      return tell({ type: 'exited', worker, reason, status: 1 });
    }
    tools.log.debug({ workerId: worker }, `no NOTIFY_SOCKET: ${notify.problem}`);
  }
  const notifySocket = 'path' in notify ? notify.path : null;
  const expected = sockets.expected().map((socket) => ({
    id: socket.id,
    given: socket.origin !== 'adopted',
    text: describeSocket(socket),
  }));
  const passed = sockets.list().map((socket, position) => ({
    ...toSharedSocket(socket, position),
    name: socket.name,
    held: socket.fd,
  }));
  const started = workers.spawn({
    worker,
    slot,
    generation,
    serving: tools.fleet().serving,
    sockets: passed,
    notifySocket,
    program,
  });
  // Now there is time for it: the worker is starting.
  setImmediate(() => tools.log.open());
  if (!started) return;
  const { pid, output } = started;
  if (output) tools.output.follow(worker, { slot, generation, pid }, output);
  const candidate = { generation, slot, readyPipe: started.readyPipe, expected };
  tools.business.begin(tools.fleet());
  const verdict = {
    ready() {
      endProbe(probes, worker);
      tools.inspecting?.ready(worker);
      tell({ type: 'ready', worker, ...(tools.business.wasBusy(generation) && { busy: true }) });
    },
    note: (note: string) => tell({ type: 'noted', worker, note }),
  };
  probes.set(worker, startProbe(candidate, verdict));
}

/**
 * A Node need not be waited for: it takes a while to start, and its preload waits before the app runs. Anything
 * else could send its READY=1 before anybody hears it.
 */
async function notifySocketFor(
  { log, workerSockets, needsNotify }: Tools,
  worker: number,
  isNode: boolean,
): Promise<{ readonly path: string } | { readonly problem: string }> {
  const opened = workerSockets.open(worker);
  if ('problem' in opened) return opened;
  if (!needsNotify && isNode) {
    const told = (error: unknown) =>
      log.debug({ workerId: worker }, `no NOTIFY_SOCKET: ${describeError(error)}`);
    opened.bound(NEEDED_MS).catch(told);
    return opened;
  }
  const patience = needsNotify ? NEEDED_MS : WANTED_MS;
  try {
    if (await opened.bound(patience)) return opened;
    return { problem: `not bound within ${formatDuration(patience)}` };
  } catch (error) {
    return { problem: describeError(error) };
  }
}
