// The master's end of the control socket. Whatever a client sends or omits, only its own connection suffers.
import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { describeError, StartError } from '../errors.js';
import { claimPath, releasePath, temporaryNameFor } from '../linux/unix-socket-path.js';
import { type ControlReply, type ControlRequest, LONGEST_LINE, parseRequest } from './protocol.js';
import { makePrivateDirectory } from './socket-path.js';

/** How long a client may take to send its request. */
const REQUEST_LIMIT_MS = 10_000;
/** How long a client may take to read its last answer, once the master wants to leave. */
const LAST_ANSWER_MS = 2_000;
const MOST_CLIENTS = 128;
const MOST_PENDING = 64;

export type Handler = (request: ControlRequest, reply: (reply: ControlReply) => void) => void;

export interface ControlServer {
  readonly path: string;
  /** Lets the answers that were given reach their clients, and removes the socket. */
  close(): Promise<void>;
}

/** Listens on `path`, mode 0600. Throws StartError when a living master has it. */
export async function openControl(
  path: string,
  uid: number,
  handler: Handler,
): Promise<ControlServer> {
  const temporary = temporaryNameFor(path);
  if (temporary === null)
    throw cannot(path, 'the path is too long', 'choose a shorter one with --control <path>');
  // Half open: a client may end its side and still wait for the answer.
  const server = createServer({ allowHalfOpen: true });
  server.maxConnections = MOST_CLIENTS;
  const clients = new Set<Socket>();
  server.on('connection', (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    serve(socket, handler);
  });
  try {
    makePrivateDirectory(dirname(path), uid);
    await listen(server, temporary);
    chmodSync(temporary, 0o600);
    const claim = await claimPath(temporary, path);
    if (claim.ok) return { path, close: () => close(server, clients, path, claim.inode) };
    server.close();
    throw cannot(path, claim.why, 'is it running already? choose another --name for a second one');
  } catch (error) {
    server.close();
    if (error instanceof StartError) throw error;
    throw cannot(path, describeError(error), 'choose another place with --control <path>');
  }
}

function cannot(path: string, why: string, hint: string): StartError {
  return new StartError(`cannot open the control socket ${path}: ${why}`, hint);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      // Out of descriptors, say: this client is lost, the next may not be.
      server.on('error', () => {});
      resolve();
    });
  });
}

function serve(socket: Socket, handler: Handler): void {
  let text = '';
  let pending = 0;
  const patience = setTimeout(() => pending === 0 && socket.destroy(), REQUEST_LIMIT_MS).unref();
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(patience));
  socket.on('end', () => pending === 0 && socket.end());
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      pending += 1;
      answer(line);
    }
    const greedy = pending > MOST_PENDING || socket.writableLength > LONGEST_LINE;
    if (greedy || text.length > LONGEST_LINE) socket.destroy();
  });

  function answer(line: string): void {
    const request = parseRequest(line);
    const reply = (value: ControlReply) => {
      pending -= 1;
      patience.refresh();
      if (socket.destroyed) return;
      socket.write(`${JSON.stringify(value)}\n`);
      if (pending === 0 && socket.readableEnded) socket.end();
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
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const socket of clients) socket.end(() => socket.destroy());
  const patience = setTimeout(() => {
    for (const socket of clients) socket.destroy();
  }, LAST_ANSWER_MS);
  await closed;
  clearTimeout(patience);
}
