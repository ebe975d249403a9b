// Requests to the master about its sockets, and the answers.
import type { FromWorker, ListenTarget, SharedSocket } from '../../src/ipc-protocol.js';
import type { MasterChannel } from './master-channel.js';
import type { Handle } from './node-internals.js';

const TIMEOUT_MS = 5000;

export interface SocketReply {
  readonly socket?: SharedSocket | undefined;
  readonly deadFile?: boolean | undefined;
  readonly handle?: Handle | undefined;
}

type Opened = Omit<Extract<FromWorker, { type: 'opened' }>, 'type' | 'key'>;

export function createSocketRequests(channel: MasterChannel) {
  const replies = new Map<number, (reply: SocketReply) => void>();
  const adoptions = new Map<number, (socket: number) => void>();
  let lastId = 0;
  channel.on('socketReply', ({ requestId, socket, deadFile }, handle) => {
    const answer = replies.get(requestId);
    if (answer) answer({ socket, deadFile, handle });
    else handle?.close();
  });
  channel.on('adopted', ({ key, socket }) => {
    adoptions.get(key)?.(socket);
    adoptions.delete(key);
  });
  return {
    /** For a socket whose address is in use. The reply is empty when the master does not answer in time. */
    async request(target: ListenTarget): Promise<SocketReply> {
      lastId += 1;
      const requestId = lastId;
      let timer: NodeJS.Timeout | undefined;
      const reply = await new Promise<SocketReply>((resolve) => {
        replies.set(requestId, resolve);
        timer = setTimeout(resolve, TIMEOUT_MS, {});
        channel.send({ type: 'requestSocket', requestId, target });
      });
      replies.delete(requestId);
      clearTimeout(timer);
      return reply;
    },
    /** Sends a socket that this process has opened. Calls back with its id when the master holds it. */
    adopt(opened: Opened, handle: Handle, callback: (socket: number) => void): void {
      lastId += 1;
      adoptions.set(lastId, callback);
      channel.send({ type: 'opened', key: lastId, ...opened }, handle);
    },
  };
}
