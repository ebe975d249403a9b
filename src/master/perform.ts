// Each action of the core, done by the hand that can do it. One switch: everything the program can do to
// the world starts here.
import type { Logger } from 'pino';
import type { ControlReply } from '../control/protocol.js';
import type { Action, Event, Fleet } from '../core/vocabulary.js';
import { endProbe, type Probe, type StartProbe } from '../readiness/probe.js';

import { describeSocket, toWire } from '../sockets/held-socket.js';
import type { Sockets } from '../sockets/sockets.js';
import type { Workers } from '../workers/workers.js';
import { tellGivenUp } from './hear.js';

export interface Tools {
  readonly log: Logger;
  readonly workers: Workers;
  readonly sockets: Sockets;
  readonly startProbe: StartProbe;
  /** Proofs of readiness in progress, by worker. */
  readonly probes: Map<number, Probe>;
  readonly drainTimeout: number;
  tell(event: Event): void;
  answer(request: number, reply: ControlReply): void;
  stopped(status: number): void;
}

export function perform(tools: Tools, action: Action, fleet: Fleet): void {
  const { workers, sockets, probes, tell } = tools;
  switch (action.type) {
    case 'spawn':
      return spawn(tools, action);
    case 'retire': {
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
      endProbe(probes, action.worker);
      return workers.kill(action.worker);
    case 'reply': {
      const { request, ok, generation, reason } = action;
      const { serving } = fleet;
      return tools.answer(request, { ok, generation, serving, ...(reason !== null && { reason }) });
    }
    case 'stopping':
      // New clients are refused as soon as the workers have closed theirs too, and do not hang.
      return void sockets.close();
    case 'stopped':
      return tools.stopped(action.status);
    case 'rolledOut': {
      const members = fleet.workers.filter((one) => one.generation === action.generation);
      const ids = members.map((one) => one.id);
      return void sockets.rolledOut(ids).then((given) => tellGivenUp(tools.log, given));
    }
    case 'rolledBack':
    case 'crashed':
    case 'overdue':
      // For observers.
      return;
    default:
      action satisfies never;
  }
}

function spawn(
  tools: Tools,
  { worker, slot, generation }: Extract<Action, { type: 'spawn' }>,
): void {
  const { workers, sockets, probes, startProbe, tell } = tools;
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
  const started = workers.spawn({ worker, slot, generation, sockets: passed });
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
