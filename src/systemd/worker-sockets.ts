// Each worker's own NOTIFY_SOCKET, and what it says there by sd_notify(3), as far as it is ours to hear. All
// else is ignored, and nothing is passed on: a worker speaks for itself, never for the service.
import { createNotifyServer, type NotifyServer, type NotifySocket } from 'node-systemd-notify';
import { formatDuration } from '../core/duration.js';
import { describeError } from '../errors.js';
import type { NotifyDirectory } from './notify-directory.js';

/** How long the end of the program that receives for us is waited for; it leaves by itself when we are gone. */
const END_LIMIT_MS = 2000;

/** What a worker said. */
export type WorkerSays =
  | { readonly type: 'ready' }
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'extended'; readonly ms: number }
  | { readonly type: 'alive' }
  | { readonly type: 'leaving' };

export interface WorkerSockets {
  /**
   * Binds a socket for a worker that is about to be spawned, or says why there is none, after `patience`
   * milliseconds at the latest.
   */
  open(
    worker: number,
    patience: number,
  ): Promise<{ readonly path: string } | { readonly problem: string }>;
  /** The worker is gone. */
  close(worker: number): void;
  end(): Promise<void>;
}

/**
 * One socket is always bound in advance, so that a worker need not wait for its own. `directory` is made when the
 * first is wanted. `failed` hears of what goes wrong later.
 */
export function createWorkerSockets(
  directory: () => NotifyDirectory,
  said: (worker: number, what: WorkerSays) => void,
  failed: (error: Error) => void,
): WorkerSockets {
  const sockets = new Map<number, NotifySocket>();
  let home: NotifyDirectory | null = null;
  let server: NotifyServer | null = null;
  let ended = false;

  async function prepare(): Promise<Prepared> {
    try {
      home ??= directory();
      server ??= createNotifyServer({ directory: home.path, onFailure: failed });
      let worker: number | null = null;
      const socket = await server.open((fields) => {
        if (worker !== null) for (const what of understand(fields)) said(worker, what);
      });
      const give = (to: number) => {
        worker = to;
      };
      return { socket, give };
    } catch (error) {
      return { problem: describeError(error) };
    }
  }

  let spare: Promise<Prepared> | null = prepare();
  return {
    async open(worker, patience) {
      const mine = spare ?? prepare();
      // Before the wait: another worker may be spawned in the same turn.
      spare = ended ? null : prepare();
      const prepared = await within(patience, mine);
      if (prepared === null) {
        void mine.then((late) => 'socket' in late && late.socket.close());
        return { problem: `not bound within ${formatDuration(patience)}` };
      }
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
      await within(END_LIMIT_MS, Promise.resolve(server?.close()));
      home?.remove();
    },
  };
}

/** Null when it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

type Prepared =
  | { readonly socket: NotifySocket; readonly give: (worker: number) => void }
  | { readonly problem: string };

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
