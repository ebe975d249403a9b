// Gives each worker a NOTIFY_SOCKET of its own and reads what it sends there by sd_notify(3). Only the fields that
// concern graceful-run are used. Nothing is passed on to the service manager: a worker speaks for itself, never for
// the service.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createNotifyServer, type NotifyServer } from 'node-systemd-notify';
import { now } from 'node-systemd-notify/linux';
import { describeError } from '../errors.js';
import { inPackage } from '../package-root.js';
import type { NotifyDirectory } from './notify-directory.js';

/** How long `take` may block the loop on a busy machine. */
const BLOCK_LIMIT_MS = 500;
const LOOK_AGAIN_MS = 0.2;

/** What one field of a datagram means, named after it. */
export type NotifyMessage =
  | { readonly type: 'ready' | 'stopping' | 'watchdog' | 'watchdogTrigger' }
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'extendTimeout'; readonly ms: number };

export type WorkerNotifySockets = ReturnType<typeof createWorkerNotifySockets>;
type Binding = ReturnType<NotifyServer['begin']>;

/**
 * `directory` is called when the first socket is wanted. `onMessage` gets what workers send, `onFailure` what goes
 * wrong after a socket was bound.
 */
export function createWorkerNotifySockets(
  directory: () => NotifyDirectory,
  onMessage: (worker: number, message: NotifyMessage) => void,
  onFailure: (error: Error) => void,
) {
  const taken = new Map<number, Binding>();
  let home: NotifyDirectory | null = null;
  let server: NotifyServer | null = null;
  let problem = 'no socket is bound yet';

  /** `worker` null: for the relay program to run although there is no worker. */
  function bind(worker: number | null): Binding | null {
    try {
      home ??= directory();
      server ??= createNotifyServer({ directory: home.path, scripts: relayScripts(), onFailure });
      const binding = server.begin((fields) => {
        if (worker === null || taken.get(worker) !== binding) return;
        for (const message of parseNotifyMessages(fields)) onMessage(worker, message);
      });
      binding.bound.catch((error) => {
        problem = describeError(error);
      });
      return binding;
    } catch (error) {
      problem = describeError(error);
      return null;
    }
  }

  /** The answer of the relay cannot be read meanwhile, but its file can be seen. */
  function waitForFile(path: string): boolean {
    if (server?.transport == null) return false;
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    for (const end = now() + BLOCK_LIMIT_MS; !existsSync(path); ) {
      if (now() >= end) {
        problem = 'it was not bound in time';
        return false;
      }
      Atomics.wait(nothing, 0, 0, LOOK_AGAIN_MS);
    }
    return true;
  }

  return {
    /** Starts the relay program. Resolves when it runs, cannot run, or after `timeoutMs` milliseconds. Never rejects. */
    async prepare(timeoutMs: number): Promise<void> {
      const timeout = wait(timeoutMs, undefined, { ref: false });
      await Promise.race([timeout, bind(null)?.bound.catch(() => {})]);
    },
    /**
     * The path of a bound socket, which belongs to `worker` from now on; null if there is none, then `problem()` says why.
     * Synchronous: it waits for the bind, which the running relay program does in well under a millisecond.
     */
    take(worker: number): string | null {
      const binding = bind(worker);
      if (binding === null) return null;
      if (!waitForFile(binding.path)) {
        closeLater(binding);
        return null;
      }
      taken.set(worker, binding);
      return binding.path;
    },
    /** Why the last socket could not be bound. */
    problem: () => problem,
    /** Closes the socket of a worker that is gone. */
    close(worker: number): void {
      const binding = taken.get(worker);
      taken.delete(worker);
      if (binding) closeLater(binding);
    },
    async end(): Promise<void> {
      await server?.close();
      home?.remove();
    },
  };
}

function closeLater({ bound }: Binding): void {
  bound.then((socket) => socket.close()).catch(() => {});
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
