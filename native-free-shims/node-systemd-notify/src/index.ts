// The public API of the package.
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
export { watchdogInterval } from './watchdog.js';
