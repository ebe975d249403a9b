// The debugger of the newest generation, always on the same port. Each worker opens one on a port that only the
// master knows; the master listens where the user looks, and passes on what is said. To hand over the port itself
// would not do: Node closes a debugger only when its client agrees, and at a breakpoint a worker hears of nothing.
import { connect, createServer, type Socket } from 'node:net';
import { type Fleet, isLive, type Worker } from '../core/fleet.js';
import { describeError } from '../errors.js';
import type { Log } from '../log/logger.js';
import type { InspectAddress } from '../run-options.js';

export interface Inspecting {
  /** Where the user finds debuggers, in the order of the workers. */
  addresses(): readonly string[];
  /** The debugger of a worker is on this port of the loopback; null when it has none, or none any more. */
  opened(worker: number, port: number | null): void;
  /** The worker serves: if nothing was heard of its debugger by now, it has none. */
  ready(worker: number): void;
  /** Cuts off whoever debugs it: a worker at a breakpoint runs on, and one that ends need not wait for anybody. */
  leave(worker: number): void;
}

/**
 * `port` is that of the first worker of a generation, the next ones follow; 0 for any. Calls `listens` when there is one
 * address more.
 */
export function createInspecting(
  { host, port }: InspectAddress,
  fleet: () => Fleet,
  log: Log,
  listens: () => void,
): Inspecting {
  /** By worker. */
  const ports = new Map<number, number | null>();
  const clients = new Map<number, Set<Socket>>();
  /** Places of workers for which somebody listens. */
  const open = new Set<number>();
  /** By place; undefined where nobody listens. */
  const addresses: (string | undefined)[] = [];
  let warned = false;

  function listen(slot: number): void {
    if (open.has(slot)) return;
    open.add(slot);
    const wanted = port === 0 ? 0 : port + slot - 1;
    const failed = (error: unknown) => {
      open.delete(slot);
      const problem = `cannot listen on ${host}:${wanted}: ${describeError(error)}`;
      log.warn(`--inspect: ${problem}; no debugger for worker ${slot} until the next reload`);
    };
    try {
      const server = createServer((client) => relay(slot, client));
      server.once('error', failed);
      server.listen({ host, port: wanted }, () => {
        // Such as no descriptor for a client: it goes on listening.
        server.off('error', failed).on('error', (error) => {
          log.warn(`--inspect: no debugger for a client: ${describeError(error)}`);
        });
        const { port: bound } = server.address() as { port: number };
        log.info(`the debugger of worker ${slot} is on ${host}:${bound}`);
        addresses[slot] = `${host}:${bound}`;
        listens();
      });
    } catch (error) {
      // No such port: Node throws that.
      failed(error);
    }
  }

  function relay(slot: number, client: Socket): void {
    const worker = inspected(fleet(), slot)?.id ?? 0;
    const inner = ports.get(worker);
    if (!inner) return void client.destroy();
    const debuggee = connect({ host: '127.0.0.1', port: inner });
    const own = clients.get(worker) ?? new Set();
    clients.set(worker, own.add(client));
    client.once('close', () => own.delete(client));
    join(client, debuggee);
    join(debuggee, client);
  }

  function leave(worker: number): void {
    ports.delete(worker);
    for (const client of clients.get(worker) ?? []) client.destroy();
    clients.delete(worker);
  }

  return {
    leave,
    addresses: () => addresses.filter((one) => one !== undefined),

    opened(worker, inner) {
      leave(worker);
      ports.set(worker, inner);
      const slot = fleet().workers.find((one) => one.id === worker)?.slot;
      if (inner !== null && slot !== undefined) listen(slot);
    },

    ready(worker) {
      if (ports.has(worker) || warned) return;
      warned = true;
      log.warn(
        '--inspect: no debugger, for the workers are no Node that graceful-run starts itself',
      );
    },
  };
}

/** Of the generation that serves; before the first one does, of that which starts. */
function inspected({ serving, rollout, workers }: Fleet, slot: number): Worker | undefined {
  const generation = serving ?? rollout?.generation;
  return workers.find((one) => one.generation === generation && one.slot === slot && isLive(one));
}

function join(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('error', () => {});
  from.once('close', () => to.destroy());
  from.pipe(to);
}
