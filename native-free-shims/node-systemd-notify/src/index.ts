// The public API of the package, with a default notifier for this process that is made when it is first used.
import { createNotifier, type Notifier } from './notifier.js';
import type { TransportName } from './transport.js';

export { type ListenFds, listenFds, type PassedFd } from './listen-fds.js';
export type { Descriptor, Fields } from './message.js';
export { createNotifier, type Notifier, type NotifierOptions } from './notifier.js';
export type { SocketAddress } from './passed-socket.js';
export type { ServerTransport } from './relay.js';
export {
  createNotifyServer,
  type NotifyServer,
  type NotifyServerOptions,
  type NotifySocket,
} from './server.js';
export type { TransportName } from './transport.js';
export { booted, watchdogInterval } from './watchdog.js';

const listeners = new Set<(error: Error) => void>();
let created: Notifier | null = null;

function defaultNotifier(): Notifier {
  created ??= createNotifier({
    onFailure(error) {
      for (const listener of listeners) listener(error);
    },
  });
  return created;
}

/** Calls `listener` for each message that was lost. Returns a function that removes it. */
export function onFailure(listener: (error: Error) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const transport = (): TransportName => defaultNotifier().transport;
export const notify: Notifier['notify'] = (fields) => defaultNotifier().notify(fields);
export const ready: Notifier['ready'] = (status) => defaultNotifier().ready(status);
export const status: Notifier['status'] = (text) => defaultNotifier().status(text);
export const reloading: Notifier['reloading'] = (status) => defaultNotifier().reloading(status);
export const stopping: Notifier['stopping'] = (status) => defaultNotifier().stopping(status);
export const extendTimeout: Notifier['extendTimeout'] = (ms) => defaultNotifier().extendTimeout(ms);
export const watchdog: Notifier['watchdog'] = () => defaultNotifier().watchdog();
export const mainPid: Notifier['mainPid'] = (pid) => defaultNotifier().mainPid(pid);
export const errno: Notifier['errno'] = (number, status) => defaultNotifier().errno(number, status);
export const storeFd: Notifier['storeFd'] = (...args) => defaultNotifier().storeFd(...args);
export const removeFd: Notifier['removeFd'] = (name) => defaultNotifier().removeFd(name);
export const flush: Notifier['flush'] = () => defaultNotifier().flush();
