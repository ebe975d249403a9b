// The channel to the master: the IPC channel of Node, with messages that the app never sees. Node emits a message whose
// `cmd` begins with NODE_ as `internalMessage` instead of `message`, and does not keep the app alive for it.
import { type FromWorker, MESSAGE_CMD, type ToWorker } from '../../src/ipc-protocol.js';
import type { Handle } from './node-internals.js';

/** Interval of the checks for a dead master once the channel is closed. */
const PARENT_CHECK_MS = 100;

export type MasterChannel = ReturnType<typeof openMasterChannel>;

export function openMasterChannel(masterPid: number) {
  const listeners = new Map<string, (message: never, handle: Handle | undefined) => void>();

  // Node emits it and does not document it; @types/node does not know it.
  const onInternalMessage = (message: { cmd?: string } & ToWorker, handle?: Handle) => {
    if (message?.cmd !== MESSAGE_CMD) return;
    const listener = listeners.get(message.type);
    if (listener) listener(message as never, handle);
    else handle?.close();
  };
  process.on('internalMessage' as 'message', onInternalMessage as never);

  return {
    /** Sets the listener for one type of message. */
    on<Type extends ToWorker['type']>(
      type: Type,
      listener: (message: Extract<ToWorker, { type: Type }>, handle: Handle | undefined) => void,
    ): void {
      listeners.set(type, listener);
    },
    isConnected: () => process.connected,
    /** Never throws and never waits. */
    send(message: FromWorker, handle?: Handle): void {
      if (!process.connected) return;
      try {
        // Node sends such a handle too, though @types/node knows only servers and sockets.
        process.send?.({ cmd: MESSAGE_CMD, ...message }, handle as never, {}, () => {});
      } catch {
        // The master is dead, or the app closed the channel.
      }
    },
    /** Keeps the process alive while the channel is open. */
    keepAlive: () => process.channel?.ref(),
    /** Calls back when the master is dead. An app that closes the channel itself is left alone. */
    onOrphaned(callback: () => void): void {
      const check = () => {
        if (process.ppid === masterPid) return false;
        callback();
        return true;
      };
      process.on('disconnect', () => {
        if (check()) return;
        // The kernel closes the descriptors of a dying process before it gives its children another parent: the
        // master may be dead already. Or it may die later.
        const timer = setInterval(() => check() && clearInterval(timer), PARENT_CHECK_MS).unref();
      });
      // The listener for `disconnect` would keep an app running that has nothing left to do.
      process.channel?.unref();
    },
  };
}
