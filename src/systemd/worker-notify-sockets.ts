// Gives each worker a NOTIFY_SOCKET of its own and reads what it sends there by sd_notify(3). Only the fields that
// concern graceful-run are used. Nothing is passed on to the service manager: a worker speaks for itself, never for
// the service.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createNotifyServer, type NotifyServer, type NotifySocket } from 'node-systemd-notify';
import { now } from 'node-systemd-notify/linux';
import { describeError } from '../errors.js';
import { inPackage } from '../package-root.js';
import type { NotifyDirectory } from './notify-directory.js';

/** How long `take` may block the loop when more workers start at once than sockets were prepared. */
const BLOCK_LIMIT_MS = 200;

/** What one field of a datagram means, named after it. */
export type NotifyMessage =
  | { readonly type: 'ready' | 'stopping' | 'watchdog' | 'watchdogTrigger' }
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'extendTimeout'; readonly ms: number };

export type WorkerNotifySockets = ReturnType<typeof createWorkerNotifySockets>;

/** A socket that is bound or being bound. */
interface Prepared {
  /** The worker that has it; null in the reserve, and when the worker is gone. */
  worker: number | null;
  readonly path: string;
  readonly bound: Promise<NotifySocket>;
  isBound: boolean;
}

/**
 * `directory` is called when the first socket is wanted. `onMessage` gets what workers send, `onFailure` what goes
 * wrong after a socket was bound.
 */
export function createWorkerNotifySockets(
  directory: () => NotifyDirectory,
  onMessage: (worker: number, message: NotifyMessage) => void,
  onFailure: (error: Error) => void,
) {
  const taken = new Map<number, Prepared>();
  let reserve: Prepared[] = [];
  let reserveSize = 1;
  let home: NotifyDirectory | null = null;
  let server: NotifyServer | null = null;
  let problem = 'no socket is bound yet';
  let ended = false;

  function bind(): Prepared | null {
    try {
      home ??= directory();
      server ??= createNotifyServer({ directory: home.path, scripts: relayScripts(), onFailure });
      const { path, bound } = server.begin((fields) => {
        const { worker } = prepared;
        if (worker === null) return;
        for (const message of parseNotifyMessages(fields)) onMessage(worker, message);
      });
      const prepared: Prepared = { worker: null, path, bound, isBound: false };
      bound.then(
        () => {
          prepared.isBound = true;
        },
        (error) => {
          reserve = reserve.filter((one) => one !== prepared);
          problem = describeError(error);
        },
      );
      return prepared;
    } catch (error) {
      problem = describeError(error);
      return null;
    }
  }

  function fillReserve(): void {
    while (reserve.length < reserveSize && !ended) {
      const prepared = bind();
      if (prepared === null) return;
      reserve.push(prepared);
    }
  }

  /** Waits for a bind, if the relay program runs. Its answer cannot be read meanwhile, but its file can be seen. */
  function bindNow(): Prepared | null {
    reserveSize += 1;
    const prepared = reserve.shift() ?? bind();
    if (prepared === null) return null;
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    const end = now() + (server?.transport == null ? 0 : BLOCK_LIMIT_MS);
    while (!existsSync(prepared.path)) {
      if (now() >= end) {
        problem = 'it was not bound in time';
        reserve.push(prepared);
        return null;
      }
      Atomics.wait(nothing, 0, 0, 1);
    }
    return prepared;
  }

  return {
    /**
     * Keeps `count` bound sockets in reserve from now on, as many as workers may start at once. Resolves when they
     * are bound, cannot be bound, or after `timeoutMs` milliseconds. Never rejects.
     */
    async prepare(count: number, timeoutMs: number): Promise<void> {
      reserveSize = Math.max(reserveSize, count);
      fillReserve();
      const timeout = wait(timeoutMs, undefined, { ref: false });
      await Promise.race([timeout, Promise.allSettled(reserve.map(({ bound }) => bound))]);
    },
    /**
     * The path of a bound socket, which belongs to `worker` from now on; null if there is none, then `problem()` says
     * why. Synchronous: it normally takes one from the reserve. When that is empty, it waits for the bind, which the
     * running relay program does in well under a millisecond.
     */
    take(worker: number): string | null {
      const index = reserve.findIndex(({ isBound }) => isBound);
      const prepared = index === -1 ? bindNow() : reserve.splice(index, 1)[0];
      // The worker is started first.
      setImmediate(fillReserve);
      if (!prepared) return null;
      prepared.worker = worker;
      taken.set(worker, prepared);
      return prepared.path;
    },
    /** Why the last socket could not be bound. */
    problem: () => problem,
    /** Closes the socket of a worker that is gone. */
    close(worker: number): void {
      const prepared = taken.get(worker);
      taken.delete(worker);
      if (!prepared) return;
      prepared.worker = null;
      prepared.bound.then((socket) => socket.close()).catch(() => {});
    },
    async end(): Promise<void> {
      ended = true;
      await server?.close();
      home?.remove();
    },
  };
}

/** Beside the bundle, where npm puts a bundled dependency; else wherever Node finds the package. */
function relayScripts(): string {
  const beside = inPackage('node_modules/node-systemd-notify/relay');
  if (existsSync(beside)) return beside;
  const { resolve } = createRequire(import.meta.url);
  return join(dirname(resolve('node-systemd-notify/package.json')), 'relay');
}

/**
 * What the fields of one datagram mean. Their order follows systemd (service_notify_message): STOPPING=1 wins over
 * READY=1.
 */
export function parseNotifyMessages(fields: ReadonlyMap<string, string>): NotifyMessage[] {
  const messages: NotifyMessage[] = [];
  const status = fields.get('STATUS');
  if (status !== undefined) messages.push({ type: 'status', text: status });
  const usec = Number(fields.get('EXTEND_TIMEOUT_USEC') ?? 0);
  if (Number.isSafeInteger(usec) && usec > 0)
    messages.push({ type: 'extendTimeout', ms: usec / 1000 });
  if (fields.get('STOPPING') === '1') messages.push({ type: 'stopping' });
  else if (fields.get('READY') === '1') messages.push({ type: 'ready' });
  if (fields.get('WATCHDOG') === 'trigger') messages.push({ type: 'watchdogTrigger' });
  if (fields.get('WATCHDOG') === '1') messages.push({ type: 'watchdog' });
  return messages;
}
