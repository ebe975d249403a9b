// The spawn of a worker: everything that it is born with, from several hands.
import type { Action } from '../core/vocabulary.js';
import { endProbe } from '../readiness/probe.js';
import { describeSocket, toWire } from '../sockets/held-socket.js';
import type { Tools } from './perform.js';

/** Milliseconds that a worker waits for its NOTIFY_SOCKET: when readiness hangs on it, and when not. */
const NEEDED_MS = 15_000;
const WANTED_MS = 1000;

export async function spawn(
  tools: Tools,
  { worker, slot, generation }: Extract<Action, { type: 'spawn' }>,
): Promise<void> {
  const { workers, sockets, workerSockets, probes, startProbe, tell } = tools;
  const opened = await workerSockets.open(worker, tools.needsNotify ? NEEDED_MS : WANTED_MS);
  // The fleet may have changed its mind meanwhile.
  if (tools.fleet().workers.find((one) => one.id === worker)?.state !== 'starting') {
    workerSockets.close(worker);
    return tell({ type: 'exited', worker, reason: 'was not started any more' });
  }
  const problem = 'problem' in opened ? opened.problem : null;
  if (problem !== null && tools.needsNotify) {
    const reason = `could not be started, for nobody would hear its READY=1: ${problem}`;
    return tell({ type: 'exited', worker, reason, status: 1 });
  }
  if (problem !== null) tools.log.debug({ workerId: worker }, `no NOTIFY_SOCKET: ${problem}`);
  const notifySocket = 'path' in opened ? opened.path : null;
  const expected = sockets.expected().map((socket) => ({
    id: socket.id,
    given: socket.origin !== 'adopted',
    text: describeSocket(socket),
  }));
  const passed = sockets.list().map((socket, position) => ({
    ...toWire(socket, position),
    name: socket.name,
    held: socket.fd,
  }));
  const started = workers.spawn({ worker, slot, generation, sockets: passed, notifySocket });
  if (!started) return;
  const candidate = { generation, slot, readyPipe: started.readyPipe, expected };
  const verdict = {
    ready() {
      endProbe(probes, worker);
      tell({ type: 'ready', worker });
    },
    note: (note: string) => tell({ type: 'noted', worker, note }),
  };
  probes.set(worker, startProbe(candidate, verdict));
}
