// The client side of the control socket.
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { describeError } from '../errors.js';
import { type ControlReply, type ControlRequest, parseReply } from './protocol.js';

/** No master answers at any of the paths. */
export class NoInstanceError extends Error {
  override readonly name = 'NoInstanceError';
}

/**
 * Sends the request to the first master that answers on one of `paths`, and waits for its reply without a limit.
 * With `trustedUid` only directories of that user or of root are used, because in /tmp any user could have made one.
 * Throws NoInstanceError if no master answers, and an Error if the master ends without a reply.
 */
export async function sendControlRequest(
  paths: readonly string[],
  request: ControlRequest,
  trustedUid: number | null = null,
): Promise<ControlReply> {
  const problems: string[] = [];
  for (const path of paths) {
    const socket = await open(path, trustedUid).catch((error: unknown) => {
      problems.push(`${path}: ${describeError(error)}`);
      return null;
    });
    if (socket) return exchange(socket, request);
  }
  throw new NoInstanceError(problems.join('; '));
}

async function open(path: string, trustedUid: number | null): Promise<Socket> {
  const { uid } = await stat(dirname(path));
  if (trustedUid !== null && uid !== trustedUid && uid !== 0) {
    throw new Error('belongs to another user');
  }
  const socket = connect({ path });
  await once(socket, 'connect');
  return socket;
}

function exchange(socket: Socket, request: ControlRequest): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    let text = '';
    let reply: ControlReply | null = null;
    const end = (error: Error) => (reply ? resolve(reply) : reject(error));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (reply || !text.includes('\n')) return;
      reply = parseReply(text);
      if (reply === null) socket.destroy(new Error('what listens there is not graceful-run'));
      // After a stop the next master may be started: wait until this one closes the socket, which it does last.
      else if (request.command !== 'stop' || !reply.ok) socket.destroy();
    });
    socket.once('error', end);
    socket.once('close', () => end(new Error('the master went away without an answer')));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}
