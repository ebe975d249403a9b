// Keeps the debugger of the serving generation on a fixed port for each slot. Each worker opens its debugger on a port that
// only the master knows; the master listens on the port of the user and forwards the connections. Workers cannot take over
// that port themselves: Node closes a debugger only when its client agrees, and a worker at a breakpoint runs no code.
import { connect, createServer, type Socket } from 'node:net';
import { type Fleet, isLive, type Worker } from '../core/fleet.js';
import { describeError } from '../errors.js';
import type { Log } from '../log/logger.js';
import type { InspectAddress } from '../run-options.js';

export interface DebuggerProxy {
  /** The addresses on which the proxy listens, as `host:port`, in the order of the slots. */
  addresses(): readonly string[];
  /** The worker has opened its debugger on this port of 127.0.0.1; null if it has closed it. */
  opened(worker: number, port: number | null): void;
  /** The worker is ready. If it has not opened a debugger by now, it will not: warns once. */
  ready(worker: number): void;
  /** Closes the connections to this worker: at a breakpoint it continues, and at its end it does not wait for them. */
  disconnect(worker: number): void;
}

/**
 * Creates the proxy. Slot n listens on `port + n - 1`, or on any free port if `port` is 0, once its first worker has opened
 * a debugger. Calls `onListening` for each new address. A port that cannot be opened is logged, and tried again with the
 * next worker of that slot.
 */
export function createDebuggerProxy(
  { host, port }: InspectAddress,
  fleet: () => Fleet,
  log: Log,
  onListening: () => void,
): DebuggerProxy {
  /** The port of the debugger of each worker. */
  const ports = new Map<number, number | null>();
  /** The connected clients of each worker. */
  const clients = new Map<number, Set<Socket>>();
  /** Slots that listen, or are about to. */
  const slots = new Set<number>();
  const addresses = new Map<number, string>();
  let warned = false;

  function listen(slot: number): void {
    if (slots.has(slot)) return;
    slots.add(slot);
    const wanted = port === 0 ? 0 : port + slot - 1;
    const onError = (error: unknown) => {
      slots.delete(slot);
      const problem = `cannot listen on ${host}:${wanted}: ${describeError(error)}`;
      log.warn(`--inspect: ${problem}; no debugger for worker ${slot} until the next reload`);
    };
    try {
      const server = createServer((client) => forward(slot, client));
      server.once('error', onError);
      server.listen({ host, port: wanted }, () => {
        // An error from now on concerns one client, as when no descriptor is left: the server goes on.
        server.off('error', onError).on('error', (error) => {
          log.warn(`--inspect: cannot accept a client: ${describeError(error)}`);
        });
        const address = server.address();
        const bound = typeof address === 'object' && address !== null ? address.port : wanted;
        log.info(`the debugger of worker ${slot} is on ${host}:${bound}`);
        addresses.set(slot, `${host}:${bound}`);
        onListening();
      });
    } catch (error) {
      // Node throws for a port above 65535.
      onError(error);
    }
  }

  function forward(slot: number, client: Socket): void {
    const worker = debuggedWorker(fleet(), slot)?.id;
    const inner = worker === undefined ? undefined : ports.get(worker);
    if (worker === undefined || !inner) return void client.destroy();
    const debuggee = connect({ host: '127.0.0.1', port: inner });
    const connected = clients.get(worker) ?? new Set();
    clients.set(worker, connected.add(client));
    client.once('close', () => connected.delete(client));
    pipe(client, debuggee);
    pipe(debuggee, client);
  }

  function disconnect(worker: number): void {
    ports.delete(worker);
    for (const client of clients.get(worker) ?? []) client.destroy();
    clients.delete(worker);
  }

  return {
    disconnect,

    addresses() {
      const bySlot = [...addresses].toSorted(([a], [b]) => a - b);
      return bySlot.map(([, address]) => address);
    },

    opened(worker, inner) {
      disconnect(worker);
      ports.set(worker, inner);
      const slot = fleet().workers.find(({ id }) => id === worker)?.slot;
      if (inner !== null && slot !== undefined) listen(slot);
    },

    ready(worker) {
      if (ports.has(worker) || warned) return;
      warned = true;
      log.warn('--inspect: no debugger, because graceful-run does not start the workers as Node');
    },
  };
}

/** The worker in this slot of the serving generation; until a generation serves, of the one that starts. */
function debuggedWorker({ serving, rollout, workers }: Fleet, slot: number): Worker | undefined {
  const wanted = serving ?? rollout?.generation;
  return workers.find(
    (worker) => worker.generation === wanted && worker.slot === slot && isLive(worker),
  );
}

function pipe(from: Socket, to: Socket): void {
  from.setNoDelay(true);
  from.on('error', () => {});
  from.once('close', () => to.destroy());
  from.pipe(to);
}
