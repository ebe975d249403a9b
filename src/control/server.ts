// The master's side of the control socket. A client that misbehaves harms only its own connection.
import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { isPrivateDirectory } from 'node-systemd-notify/linux';
import { describeError, StartError } from '../errors.js';
import { claimPath, releasePath, temporaryNameFor } from '../linux/unix-socket-path.js';
import {
  type ControlReply,
  type ControlRequest,
  MAX_LINE_LENGTH,
  parseRequest,
} from './protocol.js';

/** Time for a client to send a request. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Time for a client to read its last reply when the master ends. */
const LAST_REPLY_TIMEOUT_MS = 2_000;
const MAX_CLIENTS = 128;

export type Handler = (request: ControlRequest, reply: (reply: ControlReply) => void) => void;

export interface ControlServer {
  /** Waits until the clients have read their replies, and removes the socket. */
  close(): Promise<void>;
}

/** Listens on `path` with mode 0600. Throws StartError, also when a running master has the path. */
export async function openControl(
  path: string,
  uid: number,
  handler: Handler,
): Promise<ControlServer> {
  // A client may end its side and still wait for the reply.
  const server = createServer({ allowHalfOpen: true });
  server.maxConnections = MAX_CLIENTS;
  const clients = new Set<Socket>();
  server.on('connection', (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    serve(socket, handler);
  });
  try {
    const temporary = temporaryNameFor(path);
    if (temporary === null) throw new Error('the path is too long');
    makePrivateDirectory(dirname(path), uid);
    await once(server.listen(temporary), 'listening');
    // For example when there are no descriptors left: this client is lost, the next one may not be.
    server.on('error', () => {});
    chmodSync(temporary, 0o600);
    const claim = await claimPath(temporary, path);
    if (claim.ok) return { close: () => close(server, clients, path, claim.inode) };
    const hint = 'is it running already? choose another --name for a second one';
    throw new StartError(`cannot open the control socket ${path}: ${claim.why}`, hint);
  } catch (error) {
    server.close();
    if (error instanceof StartError) throw error;
    const problem = `cannot open the control socket ${path}: ${describeError(error)}`;
    throw new StartError(problem, 'choose another place with --control <path>');
  }
}

/**
 * Makes the directory with mode 0700. Throws StartError if it exists and another user could have prepared it, and the
 * error of mkdir(2) if it cannot be made.
 */
export function makePrivateDirectory(directory: string, uid: number): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (isPrivateDirectory(directory, uid)) return;
  throw new StartError(
    `the control socket cannot be in ${directory}: it must be a directory of this user that no one else may write to`,
    'choose another place with --control <path>, or none with --control none',
  );
}

/** Answers the one request of a client, and leaves it to the client to end the connection. */
function serve(socket: Socket, handler: Handler): void {
  let text = '';
  let state: 'reading' | 'pending' | 'answered' = 'reading';
  const timer = setTimeout(() => {
    if (state !== 'pending') socket.destroy();
  }, REQUEST_TIMEOUT_MS).unref();
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(timer));
  socket.on('end', () => {
    if (state !== 'pending') socket.end();
  });
  socket.on('data', (chunk: string) => {
    if (state !== 'reading') return;
    text += chunk;
    const end = text.indexOf('\n');
    if (end !== -1) answer(text.slice(0, end));
    else if (text.length > MAX_LINE_LENGTH) socket.destroy();
  });

  function answer(line: string): void {
    state = 'pending';
    const request = parseRequest(line);
    const reply = (value: ControlReply) => {
      state = 'answered';
      timer.refresh();
      socket.write(`${JSON.stringify(value)}\n`);
      if (socket.readableEnded) socket.end();
    };
    if (typeof request === 'string') reply({ ok: false, reason: `bad request: ${request}` });
    else handler(request, reply);
  }
}

async function close(
  server: Server,
  clients: ReadonlySet<Socket>,
  path: string,
  inode: number,
): Promise<void> {
  releasePath(path, inode);
  const closed = once(server.close(), 'close');
  for (const socket of clients) socket.end(() => socket.destroy());
  const timer = setTimeout(() => {
    for (const socket of clients) socket.destroy();
  }, LAST_REPLY_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
}
