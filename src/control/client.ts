// The client's end of the control socket.
import { connect, type Socket } from 'node:net';
import { describeError } from '../errors.js';
import type { ControlReply, ControlRequest } from './protocol.js';

/** No master answers at any of these places. */
export class NoInstance extends Error {
  override readonly name = 'NoInstance';
}

/**
 * Asks the first master that answers on one of `paths`, and waits for its answer as long as it takes.
 * Throws NoInstance, or an Error when the master went away without an answer.
 */
export async function ask(
  paths: readonly string[],
  request: ControlRequest,
): Promise<ControlReply> {
  const problems: string[] = [];
  for (const path of paths) {
    const socket = await open(path).catch((error: unknown) => {
      problems.push(`${path}: ${describeError(error)}`);
      return null;
    });
    if (socket) return converse(socket, request);
  }
  throw new NoInstance(problems.join('; '));
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function converse(socket: Socket, request: ControlRequest): Promise<ControlReply> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      socket.destroy();
      try {
        resolve(JSON.parse(text) as ControlReply);
      } catch {
        reject(new Error('what listens there is not graceful-run'));
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the master went away without an answer')));
    socket.write(`${JSON.stringify(request)}\n`);
  });
}
