// What workers report about the sockets on which they listen, and the sockets that they ask for.

import type { MasterEvent } from '../core/events.js';
import type { FromWorker } from '../ipc-protocol.js';
import type { Log } from '../log/logger.js';
import { describeSocket, toSharedSocket } from '../sockets/held-socket.js';
import type { SocketHandle } from '../sockets/node-handles.js';
import type { SocketRegistry } from '../sockets/registry.js';
import type { Workers } from '../workers/worker-pool.js';

type SocketMessage = Extract<
  FromWorker,
  { type: 'listening' | 'opened' | 'closed' | 'requestSocket' }
>;

export type SocketMessages = (worker: number, message: SocketMessage, handle: unknown) => void;

export function createSocketMessages(
  registry: SocketRegistry,
  send: Workers['send'],
  log: Log,
  dispatch: (event: MasterEvent) => void,
): SocketMessages {
  return (worker, message, handle) => {
    switch (message.type) {
      case 'listening': {
        const { socket, placed, sentByMaster } = message;
        if (placed) registry.placed(socket, placed);
        // If lend() sent it, it was counted there.
        if (!sentByMaster) dispatch({ type: 'socketUsed', worker, socket });
        return dispatch({ type: 'acceptsConnections', worker });
      }
      case 'opened': {
        // A genuine message carries a socket handle; one without is forged.
        if (!handle) return;
        const socket = registry.adopt(message.target, message.address, handle as SocketHandle);
        const { id, isPrivate } = socket;
        dispatch({ type: 'socketOpened', worker, socket: id, isPrivate });
        send(worker, { type: 'adopted', key: message.key, socket: id });
        const text = describeSocket(socket);
        log.info(`holding ${text}, which the app opened, for the generations to come`);
        return dispatch({ type: 'acceptsConnections', worker });
      }
      case 'closed':
        return dispatch({ type: 'socketClosed', worker, socket: message.socket });
      case 'requestSocket':
        return void lend(worker, message);
    }
  };

  /** The address is taken, perhaps by a socket of ours: then the worker gets it. */
  async function lend(
    worker: number,
    { requestId, target }: Extract<SocketMessage, { type: 'requestSocket' }>,
  ): Promise<void> {
    const answer = await registry.answer(target);
    if ('deadFile' in answer) {
      return send(worker, { type: 'socketReply', requestId, deadFile: answer.deadFile });
    }
    const { id } = answer.socket;
    // Before it is sent: it must not be given up on the way.
    dispatch({ type: 'socketUsed', worker, socket: id });
    const socket = toSharedSocket(answer.socket, 0);
    send(worker, { type: 'socketReply', requestId, socket }, answer.handle);
  }
}
