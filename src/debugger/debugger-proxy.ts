// Keeps the debugger of the serving generation on a fixed port for each slot. Each worker opens its debugger on a port that
// only the master knows; the master listens on the port of the user and forwards the connections. Workers cannot take over
// that port themselves: Node closes a debugger only when its client agrees, and a worker at a breakpoint runs no code.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
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
  /** For each worker that has told of its debugger, its port and its connected clients. */
  const debuggees = new Map<number, { port: number | null; clients: Set<Socket> }>();
  /** For each slot, also before it listens. */
  const servers = new Map<number, Server>();
  let warned = false;

  function listen(slot: number): void {
    if (servers.has(slot)) return;
    const wanted = port === 0 ? 0 : port + slot - 1;
    const server = createServer((client) => forward(slot, client));
    server.on('error', (error) => {
      const problem = describeError(error);
      // It concerns one client, as when no descriptor is left: the server goes on.
      if (server.listening) return log.warn(`--inspect: cannot accept a client: ${problem}`);
      servers.delete(slot);
      const rest = `no debugger for worker ${slot} until the next reload`;
      log.warn(`--inspect: cannot listen on ${host}:${wanted}: ${problem}; ${rest}`);
    });
    servers.set(slot, server);
    server.once('listening', () => {
      log.info(`the debugger of worker ${slot} is on ${addressOf(server)}`);
      onListening();
    });
    try {
      server.listen({ host, port: wanted });
    } catch (error) {
      // Node throws for a port above 65535.
      server.emit('error', error);
    }
  }

  function addressOf(server: Server): string {
    const bound = server.address();
    return `${host}:${typeof bound === 'object' && bound !== null ? bound.port : port}`;
  }

  function forward(slot: number, client: Socket): void {
    const worker = debuggedWorker(fleet(), slot);
    const debuggee = worker && debuggees.get(worker.id);
    if (!debuggee?.port) return void client.destroy();
    const { clients } = debuggee;
    clients.add(client);
    client.once('close', () => clients.delete(client));
    const inner = connect({ host: '127.0.0.1', port: debuggee.port, noDelay: true });
    // Either one ends the other.
    pipeline(client.setNoDelay(true), inner, client, () => {});
  }

  function disconnect(worker: number): void {
    for (const client of debuggees.get(worker)?.clients ?? []) client.destroy();
    debuggees.delete(worker);
  }

  return {
    disconnect,

    addresses() {
      const bySlot = [...servers].toSorted(([a], [b]) => a - b).map(([, server]) => server);
      return bySlot.filter(({ listening }) => listening).map(addressOf);
    },

    opened(worker, inner) {
      disconnect(worker);
      debuggees.set(worker, { port: inner, clients: new Set() });
      const slot = fleet().workers.find(({ id }) => id === worker)?.slot;
      if (inner !== null && slot !== undefined) listen(slot);
    },

    ready(worker) {
      if (debuggees.has(worker) || warned) return;
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
