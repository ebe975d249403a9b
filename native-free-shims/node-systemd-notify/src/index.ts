// The public face of the package, and the notifier of this process, made when it is first used.
import type { Fields } from './message.js';
import { createNotifier, type Notifier } from './notifier.js';
import type { Transport } from './transport.js';

export type { ServerTransport } from './datagram-receiver.js';
export { type ListenFds, listenFds, type PassedFd } from './listen-fds.js';
export type { Descriptor, Fields } from './message.js';
export { createNotifier, type Notifier, type NotifierOptions } from './notifier.js';
export {
  createNotifyServer,
  type NotifyServer,
  type NotifyServerOptions,
  type NotifySocket,
} from './server.js';
export type { Transport } from './transport.js';
export { booted, watchdogInterval } from './watchdog.js';

const listeners = new Set<(error: Error) => void>();
let made: Notifier | null = null;

function own(): Notifier {
  made ??= createNotifier({
    onFailure(error) {
      for (const listener of listeners) listener(error);
    },
  });
  return made;
}

/** Tells of messages that were lost; returns how to stop that. */
export function onFailure(listener: (error: Error) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const transport = (): Transport => own().transport;
export const notify = (fields: Fields): Promise<boolean> => own().notify(fields);
export const ready = (status?: string): Promise<boolean> => own().ready(status);
export const status = (text: string): Promise<boolean> => own().status(text);
export const reloading = (status?: string): Promise<boolean> => own().reloading(status);
export const stopping = (status?: string): Promise<boolean> => own().stopping(status);
export const extendTimeout = (ms: number): Promise<boolean> => own().extendTimeout(ms);
export const watchdog = (): Promise<boolean> => own().watchdog();
export const mainPid = (pid: number): Promise<boolean> => own().mainPid(pid);
export const errno = (number: number, status?: string): Promise<boolean> =>
  own().errno(number, status);
export const storeFd: Notifier['storeFd'] = (...args) => own().storeFd(...args);
export const removeFd = (name: string): Promise<boolean> => own().removeFd(name);
export const flush = (): Promise<void> => own().flush();
