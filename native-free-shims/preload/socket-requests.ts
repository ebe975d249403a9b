// Requests to the master for a socket whose address is in use.
import type { ListenTarget, SharedSocket } from '../../src/ipc-protocol.js';
import type { MasterChannel } from './master-channel.js';
import type { Handle } from './node-internals.js';

const TIMEOUT_MS = 5000;

type Callback = (
  reply: { readonly socket?: SharedSocket; readonly deadFile?: boolean },
  handle?: Handle,
) => void;

export function createSocketRequests(channel: MasterChannel) {
  const waiting = new Map<number, { callback: Callback; timer: NodeJS.Timeout }>();
  let lastId = 0;
  const answer = (requestId: number, ...reply: Parameters<Callback>) => {
    const request = waiting.get(requestId);
    waiting.delete(requestId);
    if (!request) return reply[1]?.close();
    clearTimeout(request.timer);
    request.callback(...reply);
  };
  channel.on('socketReply', (message, handle) => answer(message.requestId, message, handle));
  return {
    /** Calls back exactly once, with `{}` when the master does not answer in time. */
    send(target: ListenTarget, callback: Callback): void {
      lastId += 1;
      const requestId = lastId;
      const timer = setTimeout(() => answer(requestId, {}), TIMEOUT_MS);
      waiting.set(requestId, { callback, timer });
      channel.send({ type: 'requestSocket', requestId, target });
    },
  };
}
