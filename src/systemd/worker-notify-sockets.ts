// Each worker's own NOTIFY_SOCKET, and what it says there by sd_notify(3), as far as it is ours to hear. All
// else is ignored, and nothing is passed on: a worker speaks for itself, never for the service.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createNotifyServer, type NotifyServer, type NotifySocket } from 'node-systemd-notify';
import { describeError } from '../errors.js';
import { inPackage } from '../package-root.js';
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

/** A socket for a worker: where it will be, and when; or why there is none. */
export type Opened =
  | {
      readonly path: string;
      /** True once it is bound; false when it still is not after `patience` milliseconds. Rejects when it cannot be. */
      bound(patience: number): Promise<boolean>;
    }
  | { readonly problem: string };

export interface WorkerSockets {
  /** For a worker that is about to be spawned. */
  open(worker: number): Opened;
  /** The worker is gone. */
  close(worker: number): void;
  end(): Promise<void>;
}

/**
 * Once the first worker has its socket, one is always bound in advance, so that none need wait for its own.
 * `directory` is made when the first is wanted. `failed` hears of what goes wrong later.
 */
export function createWorkerSockets(
  directory: () => NotifyDirectory,
  said: (worker: number, what: WorkerSays) => void,
  failed: (error: Error) => void,
): WorkerSockets {
  const sockets = new Map<number, Prepared>();
  let home: NotifyDirectory | null = null;
  let server: NotifyServer | null = null;
  let ended = false;

  function prepare(): Prepared | Failed {
    try {
      home ??= directory();
      server ??= createNotifyServer({
        directory: home.path,
        scripts: relayScripts(),
        onFailure: failed,
      });
      const { path, bound } = server.begin((fields) => {
        const { worker } = prepared;
        if (worker !== null) for (const what of understand(fields)) said(worker, what);
      });
      const prepared: Prepared = { worker: null, path, bound, socket: null, problem: null };
      bound.then(
        (socket) => {
          prepared.socket = socket;
        },
        (error) => {
          prepared.problem = describeError(error);
        },
      );
      return prepared;
    } catch (error) {
      return { problem: describeError(error) };
    }
  }

  let spare: ReturnType<typeof prepare> | null = null;
  return {
    open(worker) {
      const mine = spare ?? prepare();
      // Also after one that failed: the next worker may have more luck.
      spare = ended ? null : prepare();
      if (!('path' in mine)) return mine;
      if (mine.problem !== null) return { problem: mine.problem };
      mine.worker = worker;
      sockets.set(worker, mine);
      const { path, bound } = mine;
      return { path, bound: async (patience) => (await within(patience, bound)) !== null };
    },
    close(worker) {
      const socket = sockets.get(worker);
      sockets.delete(worker);
      if (!socket) return;
      socket.worker = null;
      if (socket.socket) socket.socket.close();
      else socket.bound.then((late) => late.close()).catch(() => {});
    },
    async end() {
      ended = true;
      await within(END_LIMIT_MS, Promise.resolve(server?.close()));
      home?.remove();
    },
  };
}

interface Prepared {
  /** Whose it is; null for the spare one, and when the worker is gone. */
  worker: number | null;
  readonly path: string;
  readonly bound: Promise<NotifySocket>;
  /** Once it is bound. */
  socket: NotifySocket | null;
  /** Why it cannot be bound, once that is known. */
  problem: string | null;
}

/** What cannot even be begun. */
interface Failed {
  readonly problem: string;
}

/** Beside us, where npm puts a bundled dependency; else wherever it was put. */
function relayScripts(): string {
  const beside = inPackage('node_modules/node-systemd-notify/relay');
  if (existsSync(beside)) return beside;
  const { resolve } = createRequire(import.meta.url);
  return join(dirname(resolve('node-systemd-notify/package.json')), 'relay');
}

/** Null when it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
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
