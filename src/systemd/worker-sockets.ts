// Each worker's own NOTIFY_SOCKET, and what it says there by sd_notify(3), as far as it is ours to hear. All
// else is ignored, and nothing is passed on: a worker speaks for itself, never for the service.
import type { NotifyServer, NotifySocket } from 'node-systemd-notify';

/** What a worker said. */
export type WorkerSays =
  | { readonly type: 'ready' }
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'extended'; readonly ms: number }
  | { readonly type: 'alive' }
  | { readonly type: 'leaving' };

export interface WorkerSockets {
  /** Binds a socket for a worker that is about to be spawned, or says why there can be none. */
  open(worker: number): Promise<{ readonly path: string } | { readonly problem: string }>;
  /** The worker is gone. */
  close(worker: number): void;
  end(): Promise<void>;
}

/** One socket is always bound in advance, so that a worker need not wait for its own. */
export function createWorkerSockets(
  server: NotifyServer,
  said: (worker: number, what: WorkerSays) => void,
): WorkerSockets {
  const sockets = new Map<number, NotifySocket>();
  let ended = false;

  async function prepare(): Promise<Prepared | { readonly problem: string }> {
    try {
      let worker: number | null = null;
      const socket = await server.open((fields) => {
        if (worker !== null) for (const what of understand(fields)) said(worker, what);
      });
      return {
        socket,
        give(to) {
          worker = to;
        },
      };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  }

  let spare: ReturnType<typeof prepare> | null = prepare();
  return {
    async open(worker) {
      const mine = spare ?? prepare();
      // Before the wait: another worker may be spawned in the same turn.
      spare = ended ? null : prepare();
      const prepared = await mine;
      if ('problem' in prepared) return prepared;
      prepared.give(worker);
      sockets.set(worker, prepared.socket);
      return { path: prepared.socket.path };
    },
    close(worker) {
      sockets.get(worker)?.close();
      sockets.delete(worker);
    },
    async end() {
      ended = true;
      await server.close();
    },
  };
}

interface Prepared {
  readonly socket: NotifySocket;
  give(worker: number): void;
}

/** The order is that of the manager itself: STOPPING beats READY (systemd, service_notify_message). */
export function understand(fields: ReadonlyMap<string, string>): WorkerSays[] {
  const says: WorkerSays[] = [];
  const status = fields.get('STATUS');
  if (status !== undefined) says.push({ type: 'status', text: status });
  const more = Number(fields.get('EXTEND_TIMEOUT_USEC') ?? 0);
  if (Number.isSafeInteger(more) && more > 0) says.push({ type: 'extended', ms: more / 1000 });
  if (fields.get('STOPPING') === '1') says.push({ type: 'leaving' });
  else if (fields.get('READY') === '1') says.push({ type: 'ready' });
  if (fields.get('WATCHDOG') === '1') says.push({ type: 'alive' });
  return says;
}
