// The client's end of the control socket.
import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { describeError } from '../errors.js';
import type { ControlReply, ControlRequest } from './protocol.js';

/** No master answers at any of these places. */
export class NoInstance extends Error {
  override readonly name = 'NoInstance';
}

/**
 * Asks the first master that answers on one of `paths`, and waits for its answer as long as it takes.
 * Throws NoInstance, or an Error when the master went away without an answer. With `trusted`, a user id, only
 * directories of that user or of root are believed: in /tmp anybody could have prepared one.
 */
export async function ask(
  paths: readonly string[],
  request: ControlRequest,
  trusted: number | null = null,
): Promise<ControlReply> {
  const problems: string[] = [];
  for (const path of paths) {
    const socket = await open(path, trusted).catch((error: unknown) => {
      problems.push(`${path}: ${describeError(error)}`);
      return null;
    });
    if (socket) return converse(socket, request);
  }
  throw new NoInstance(problems.join('; '));
}

async function open(path: string, trusted: number | null): Promise<Socket> {
  const { uid } = await stat(dirname(path));
  if (trusted !== null && uid !== trusted && uid !== 0) throw new Error('belongs to another user');
  return new Promise((resolve, reject) => {
    const socket = connect({ path }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function converse(socket: Socket, request: ControlRequest): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    let text = '';
    let reply: ControlReply | null = null;
    const end = (error: Error) => (reply ? resolve(reply) : reject(error));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (reply || !text.includes('\n')) return;
      try {
        reply = JSON.parse(text) as ControlReply;
      } catch {
        return void socket.destroy(new Error('what listens there is not graceful-run'));
      }
      // Whoever stops a master may start the next one: this is the last thing that the master lets go of.
      if (request.command !== 'stop' || !reply.ok) socket.destroy();
    });
    socket.once('error', end);
    socket.once('close', () => end(new Error('the master went away without an answer')));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}
